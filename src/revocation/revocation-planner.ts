import type { AuditEventRepository } from '../audit/audit-event.repository.js';
import type { Clock } from '../database/clock.js';
import { newId } from '../ids.js';
import type { TokenTypeHint } from '../oauth/revocation.js';
import type { Credentials, TokenAnswer } from '../oauth/token-response.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import { credentialHosts, isKnownHost } from '../token/credential-host.js';
import type { RevocationOutcome } from '../token/token-enums.js';
import type { TokenParties } from '../token/token-parties.js';
import type { TokenSecrets } from '../token/token-secrets.js';
import type { TokenEntity } from '../token/token.entity.js';
import { sealedRef } from '../vault/sealed-column.js';
import type { Vault } from '../vault/vault.js';
import { RevocationEntity } from './revocation.entity.js';

/** What is to be sent, to be stored with the change that makes it necessary. */
export interface RevocationPlan {
  readonly rows: readonly RevocationEntity[];
  /** What became of it when there is nothing to send. */
  readonly outcome: RevocationOutcome;
}

export const NOTHING_TO_REVOKE: RevocationPlan = { rows: [], outcome: 'REVOKED_LOCALLY' };

/** The provider is the hub, which has ended the token in the same commit. */
const ENDED_BY_THE_HUB: RevocationPlan = { rows: [], outcome: 'REVOKED_AT_PROVIDER' };

/** The process that stored it sends it at once; after this long another one may. */
const HELD_MS = 60_000;

interface Credential {
  value: string;
  hint: TokenTypeHint;
}

type Holder = Pick<TokenEntity, 'id' | 'clientId' | 'credentialHost'>;

/** Decides which credentials of a token are to be revoked at the provider, and whether they may be sent there. */
export class RevocationPlanner {
  constructor(
    private readonly parties: TokenParties,
    private readonly secrets: TokenSecrets,
    private readonly vault: Vault,
    private readonly clock: Clock,
    private readonly trail: Pick<AuditEventRepository, 'has'>,
  ) {}

  /** Everything that is stored of the token: the refresh token first, which at most providers ends the rest too. */
  async ofToken(token: TokenEntity): Promise<RevocationPlan> {
    const { provider } = await this.parties.withClient(token, token.clientId);
    if (provider.kind === 'HUB') return ENDED_BY_THE_HUB;
    return this.plan(token, provider, await this.stored(token));
  }

  /**
   * What a newer credential replaces, where that leaves the new one alone.
   *
   * @param before the row as it was
   * @param keepsRefreshToken whether the refresh token of before lives on
   */
  async ofReplaced(
    before: TokenEntity,
    provider: ProviderEntity,
    answer: TokenAnswer,
    keepsRefreshToken: boolean,
  ): Promise<RevocationPlan> {
    const replaced = (await this.stored(before)).filter(
      ({ hint, value }) =>
        value !== answer.accessToken &&
        value !== answer.refreshToken &&
        !(keepsRefreshToken && hint === 'refresh_token'),
    );
    if (replaced.length === 0) return NOTHING_TO_REVOKE;
    if (provider.revocationScope !== 'TOKEN') return { rows: [], outcome: 'NOT_REVOKED_SHARED_GRANT' };
    return this.plan(before, provider, replaced);
  }

  /**
   * What came and is not kept, where that leaves all else alone: it may be of another account, whose grant another token
   * lives by, or of a token that was deleted to live on elsewhere.
   *
   * @param before the row as it stays, or was
   * @param clientId row of the client that asked
   */
  async ofRefused(
    before: TokenEntity,
    clientId: string,
    provider: ProviderEntity,
    answer: Credentials,
  ): Promise<RevocationPlan> {
    if (provider.revocationScope !== 'TOKEN') return { rows: [], outcome: 'NOT_REVOKED_SHARED_GRANT' };
    const kept = new Set((await this.stored(before)).map(({ value }) => value));
    const refused = credentialsOf(answer.refreshToken, answer.accessToken).filter(({ value }) => !kept.has(value));
    return this.plan({ id: before.id, clientId, credentialHost: credentialHosts(provider) }, provider, refused);
  }

  /**
   * What came for a token that is gone: all of it when the token was revoked first, else what leaves all else alone.
   *
   * @param before the row as it was
   */
  async ofOrphan(
    before: TokenEntity,
    clientId: string,
    provider: ProviderEntity,
    answer: Credentials,
  ): Promise<RevocationPlan> {
    if (await this.wasRevoked(before.id)) return this.ofAnswer(before.id, clientId, provider, answer);
    return this.ofRefused(before, clientId, provider, answer);
  }

  /** Of a token that is gone: whether it was deleted because its credential was to end. */
  wasRevoked(tokenId: string): Promise<boolean> {
    return this.trail.has('TOKEN_REVOKED', tokenId);
  }

  /** What came for a token that is revoked. */
  ofAnswer(tokenId: string, clientId: string, provider: ProviderEntity, answer: Credentials): RevocationPlan {
    const holder = { id: tokenId, clientId, credentialHost: credentialHosts(provider) };
    return this.plan(holder, provider, credentialsOf(answer.refreshToken, answer.accessToken));
  }

  private plan(holder: Holder, provider: ProviderEntity, credentials: readonly Credential[]): RevocationPlan {
    const { revocationEndpoint } = provider;
    if (credentials.length === 0 || revocationEndpoint === null) return NOTHING_TO_REVOKE;
    if (!isKnownHost(holder, revocationEndpoint)) return { rows: [], outcome: 'HOST_NOT_CONFIRMED' };
    return { rows: credentials.map((each) => this.row(holder, provider, each)), outcome: 'PROVIDER_UNREACHABLE' };
  }

  private row(holder: Holder, provider: ProviderEntity, { hint, value }: Credential): RevocationEntity {
    const id = newId('revocation');
    const now = this.clock.now();
    return Object.assign(new RevocationEntity(), {
      id,
      tokenId: holder.id,
      providerId: provider.id,
      clientId: holder.clientId,
      hint,
      value: this.vault.seal(sealedRef(RevocationEntity, 'value', id), value),
      credentialHost: holder.credentialHost,
      tries: 0,
      dueAt: new Date(now.getTime() + HELD_MS),
      createdAt: now,
    });
  }

  private async stored(token: TokenEntity): Promise<Credential[]> {
    return credentialsOf(await this.secrets.open(token, 'refreshToken'), await this.secrets.open(token, 'accessToken'));
  }
}

function credentialsOf(refreshToken: string | null | undefined, accessToken: string | null | undefined): Credential[] {
  return [
    ...(refreshToken == null ? [] : [{ value: refreshToken, hint: 'refresh_token' } as const]),
    ...(accessToken == null ? [] : [{ value: accessToken, hint: 'access_token' } as const]),
  ];
}
