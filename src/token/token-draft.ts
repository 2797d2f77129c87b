import type { Clock } from '../database/clock.js';
import { durationMs } from '../duration.js';
import { newId } from '../ids.js';
import { nameKey } from '../name-key.js';
import type { ParameterField } from '../provider/parameter.js';
import type { GrantType } from '../provider/provider-enums.js';
import { credentialHosts } from './credential-host.js';
import type { Parties } from './token-parties.js';
import type { TokenSecrets } from './token-secrets.js';
import { NEVER } from './token-status.js';
import { TokenEntity } from './token.entity.js';
import type { NewTokenInput, ResetTokenInput, TokenAskInput } from './token.input.js';

const BEGINNING = new Date(0);

interface Given {
  grantType: GrantType;
  login?: { username: string; password: string };
}

/** Makes the row of a token that has not been obtained yet. */
export class TokenDrafts {
  constructor(
    private readonly secrets: TokenSecrets,
    private readonly clock: Clock,
  ) {}

  draft(input: NewTokenInput, { client, provider }: Parties, { grantType, login }: Given): TokenEntity {
    const id = newId('token');
    const now = this.clock.now();
    return newTokenRow({
      id,
      name: input.name.trim(),
      nameKey: nameKey(input.name),
      providerId: provider.id,
      clientId: client.id,
      useProviderClient: input.useProviderClient,
      userId: input.userId ?? null,
      grantType,
      externalId: input.externalId ?? null,
      autoRefresh: input.autoRefresh,
      resetInterval: resetIntervalOf(input.resetInterval),
      ...this.asked(id, input),
      scopes: input.scopes ?? [],
      resource: input.resource ?? [],
      credentialHost: login ? credentialHosts(provider) : null,
      login: null,
      ...this.login(id, login ?? {}),
      createdAt: now,
      updatedAt: now,
    });
  }

  /** The column of the user name and password at the provider, where both are given. */
  login(id: string, { password, username }: Pick<ResetTokenInput, 'username' | 'password'>): Partial<TokenEntity> {
    if (username == null || password == null) return {};
    return { login: this.secrets.seal(id, 'login', JSON.stringify({ username, password })) };
  }

  /** The columns of what is asked for, where something is given. */
  asked(id: string, input: TokenAskInput): Partial<TokenEntity> {
    const parameters = (field: ParameterField): Partial<TokenEntity> => {
      const given = input[field];
      return given == null ? {} : { [field]: this.secrets.parameters.seal(id, field, given) };
    };
    return {
      ...(input.scopes == null ? {} : { scopes: input.scopes }),
      ...(input.resource == null ? {} : { resource: input.resource }),
      ...parameters('tokenParameters'),
      ...parameters('authorizationParameters'),
    };
  }
}

/** As it is stored: null for none. */
export function resetIntervalOf(given: string | null | undefined): string | null {
  return given == null || durationMs(given, new Date(0)) === 0 ? null : given;
}

/** A row with nothing obtained, with these columns. */
export function newTokenRow(columns: Partial<TokenEntity>): TokenEntity {
  return Object.assign(new TokenEntity(), EMPTY, columns);
}

const EMPTY: Partial<TokenEntity> = {
  enabled: true,
  connectionState: 'DEFAULT',
  askedScopes: null,
  grantedScopes: [],
  authorizationParameters: null,
  tokenParameters: null,
  accessToken: null,
  refreshToken: null,
  idToken: null,
  accessTokenHint: null,
  tokenType: null,
  expiresIn: null,
  rawExpiresIn: null,
  expiryAnomaly: false,
  expiresAt: null,
  sortExpiresAt: NEVER,
  refreshTokenExpiresAt: null,
  authorizationExpiresAt: null,
  renewable: false,
  resetInterval: null,
  nextRefreshAt: NEVER,
  reservedBy: null,
  failures: 0,
  unknownOutcomes: 0,
  issuedAt: null,
  authorizedAt: null,
  lastRefreshedAt: null,
  lastUsedAt: null,
  sortLastUsedAt: BEGINNING,
  revokedAt: null,
  accountSubject: null,
  accountEmail: null,
  accountName: null,
  lastError: null,
  lastExchange: null,
  generation: 0,
  epoch: 0,
  leaseOwner: null,
  leaseUntilMs: 0,
  grantKey: null,
  replacesId: null,
  version: 1,
};
