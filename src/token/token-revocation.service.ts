import { EgressError } from '../connector/egress-error.js';
import type { Egress } from '../connector/egress.js';
import type { ClientCredentials } from '../client/client-credentials.js';
import type { Clock } from '../database/clock.js';
import { ProviderFailure } from '../oauth/provider-failure.js';
import { readRevocation, revocationRequest, type TokenTypeHint } from '../oauth/revocation.js';
import { storedAnswerOf } from '../oauth/stored-answer.js';
import { isKnownHost } from './credential-host.js';
import type { Parties, TokenParties } from './token-parties.js';
import type { RevocationOutcome } from './token-enums.js';
import type { TokenSecrets } from './token-secrets.js';
import type { TokenEntity } from './token.entity.js';

interface Credential {
  value: string;
  hint: TokenTypeHint;
}

/** Revokes credentials at their provider, and says what became of it. */
export class TokenRevocation {
  constructor(
    private readonly parties: TokenParties,
    private readonly credentials: ClientCredentials,
    private readonly secrets: TokenSecrets,
    private readonly egress: Egress,
    private readonly clock: Clock,
  ) {}

  /** Everything that is stored of the token: the refresh token first, which at most providers ends the rest too. */
  async revokeAll(token: TokenEntity): Promise<RevocationOutcome> {
    const stored = await this.stored(token);
    return this.revoke(token, stored);
  }

  /**
   * What a newer credential has replaced, where that leaves the new one alone.
   *
   * @param before the row as it was
   */
  async revokeReplaced(before: TokenEntity, after: TokenEntity): Promise<RevocationOutcome> {
    const kept = (await this.stored(after)).map(({ value }) => value);
    const replaced = (await this.stored(before)).filter(({ value }) => !kept.includes(value));
    if (replaced.length === 0) return 'REVOKED_LOCALLY';
    const { provider } = await this.parties.withClient(before, before.clientId);
    if (provider.revocationScope !== 'TOKEN') return 'NOT_REVOKED_SHARED_GRANT';
    return this.revoke(before, replaced);
  }

  private async revoke(token: TokenEntity, credentials: readonly Credential[]): Promise<RevocationOutcome> {
    const parties = await this.parties.withClient(token, token.clientId);
    const { revocationEndpoint } = parties.provider;
    if (credentials.length === 0 || revocationEndpoint === null) return 'REVOKED_LOCALLY';
    // Nobody has said that the host it has now may see what came from another one.
    if (!isKnownHost(token, revocationEndpoint)) return 'REVOKED_LOCALLY';
    try {
      for (const credential of credentials) await this.send(parties, revocationEndpoint, credential);
      return 'REVOKED_AT_PROVIDER';
    } catch (error) {
      if (error instanceof EgressError) return 'PROVIDER_UNREACHABLE';
      if (error instanceof ProviderFailure) return error.permanent ? 'PROVIDER_REFUSED' : 'PROVIDER_UNREACHABLE';
      throw error;
    }
  }

  /** With each live client secret in turn. @throws EgressError, ProviderFailure */
  private async send({ client }: Parties, revocationEndpoint: string, { hint, value }: Credential): Promise<void> {
    const live = await this.credentials.live(client.id);
    for (const [index, clientSecret] of [...live, ...(live.length === 0 ? [undefined] : [])].entries()) {
      const request = revocationRequest({
        revocationEndpoint,
        client: { ...client, clientSecret },
        token: value,
        tokenTypeHint: hint,
      });
      const answer = storedAnswerOf(await this.egress.fetch(request));
      try {
        readRevocation(answer, { receivedAt: this.clock.now(), secrets: [value] });
        return;
      } catch (error) {
        if (index >= live.length - 1 || !(error instanceof ProviderFailure && error.clientLevel)) throw error;
      }
    }
  }

  private async stored(token: TokenEntity): Promise<Credential[]> {
    const refreshToken = await this.secrets.open(token, 'refreshToken');
    const accessToken = await this.secrets.open(token, 'accessToken');
    return [
      ...(refreshToken === null ? [] : [{ value: refreshToken, hint: 'refresh_token' } as const]),
      ...(accessToken === null ? [] : [{ value: accessToken, hint: 'access_token' } as const]),
    ];
  }
}
