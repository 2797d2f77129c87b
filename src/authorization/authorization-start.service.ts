import { z } from 'zod';
import type { Clock } from '../database/clock.js';
import type { Transaction } from '../database/unit-of-work.js';
import { newId } from '../ids.js';
import type { AuthorizationBinding } from '../oauth/authorization-binding.js';
import { newAuthorizationBinding } from '../oauth/authorization-binding.js';
import { authorizationUrl } from '../oauth/authorization-request.js';
import type { ClientEntity } from '../client/client.entity.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import type { Parameter } from '../provider/parameter.js';
import type { TokenEntity } from '../token/token.entity.js';
import { sealedRef } from '../vault/sealed-column.js';
import type { Vault } from '../vault/vault.js';
import { AuthorizationRequestEntity } from './authorization-request.entity.js';
import type { AuthorizationRequestRepository } from './authorization-request.repository.js';
import { hashOf, newOneTimeSecret } from './one-time-secret.js';
import { checkReturnUrl } from './return-url.js';

const LIFETIME_MS = 10 * 60_000;

const Secrets = z.object({
  url: z.string(),
  nonce: z.string().nullable(),
  codeVerifier: z.string().nullable(),
  /** Those of the authorization request; journeys that an older hub began lack them. */
  scopes: z.array(z.string()).optional(),
  /** Columns of the token that change with its new credential. */
  ask: z.record(z.string(), z.unknown()),
});
export type JourneySecrets = z.infer<typeof Secrets>;

/** Where a journey begins and whom it is for. */
export interface Journey {
  token: TokenEntity;
  provider: ProviderEntity;
  client: ClientEntity;
  scopes: readonly string[];
  /** Those of the provider first, those of the token after them. */
  authorizationParameters: readonly Parameter[];
  returnTo: string | null;
  allowOtherAccount: boolean;
  /** Columns of the token that change with its new credential. */
  ask: Partial<TokenEntity>;
}

/** The link for the person, and by what the caller knows it again. */
export interface StartedAuthorization {
  url: string;
  state: string;
  expiresAt: Date;
}

export interface PreparedLink {
  readonly row: AuthorizationRequestEntity;
  readonly started: StartedAuthorization;
}

interface Options {
  publicUrl: string;
  returnUrls: readonly string[];
}

/** Makes links that take a browser to a provider for consent. */
export class AuthorizationStartService {
  constructor(
    private readonly requests: AuthorizationRequestRepository,
    private readonly vault: Vault,
    private readonly clock: Clock,
    private readonly options: Options,
  ) {}

  /** @throws UserError for a return URL that is not allowed */
  checkReturnTo(returnTo: string | null | undefined): void {
    if (returnTo != null) checkReturnUrl(returnTo, this.options.returnUrls);
  }

  /** A link that counts once it is saved. @throws UserError for what the provider cannot be asked */
  prepare(journey: Journey): PreparedLink {
    const { client, provider, scopes, token } = journey;
    const binding = newAuthorizationBinding({ scopes, pkce: provider.pkce });
    const url = authorizationUrl({
      provider,
      clientId: client.clientId,
      redirectUri: this.redirectUri(provider),
      binding,
      scopes,
      resource: token.resource,
      authorizationParameters: journey.authorizationParameters,
    });
    const handle = newOneTimeSecret();
    const row = this.row(journey, binding, url, handle);
    const link = `${this.options.publicUrl}/oauth/start/${handle}`;
    return { row, started: { url: link, state: binding.state, expiresAt: row.expiresAt } };
  }

  /** The earlier unused links of the token end with it. */
  save(tx: Transaction, { row }: PreparedLink): Promise<void> {
    return this.requests.replace(tx, row);
  }

  redirectUri({ key }: Pick<ProviderEntity, 'key'>): string {
    return `${this.options.publicUrl}/oauth/callback/${key}`;
  }

  async open(row: AuthorizationRequestEntity): Promise<JourneySecrets | null> {
    if (row.secrets === null) return null;
    return Secrets.parse(
      JSON.parse(await this.vault.open(sealedRef(AuthorizationRequestEntity, 'secrets', row.id), row.secrets)),
    );
  }

  private row(
    journey: Journey,
    binding: AuthorizationBinding,
    url: string,
    handle: string,
  ): AuthorizationRequestEntity {
    const id = newId('authorizationRequest');
    const now = this.clock.now();
    const { codeVerifier, nonce } = binding;
    const { ask, scopes } = journey;
    const secrets: JourneySecrets = { url, nonce, codeVerifier, scopes: [...scopes], ask: { ...ask } };
    return Object.assign(new AuthorizationRequestEntity(), {
      id,
      stateHash: hashOf(binding.state),
      handleHash: hashOf(handle),
      cookieHash: null,
      tokenId: journey.token.id,
      clientId: journey.client.id,
      secrets: this.vault.seal(sealedRef(AuthorizationRequestEntity, 'secrets', id), JSON.stringify(secrets)),
      returnTo: journey.returnTo,
      allowOtherAccount: journey.allowOtherAccount,
      expiresAt: new Date(now.getTime() + LIFETIME_MS),
      usedAt: null,
      createdAt: now,
    });
  }
}
