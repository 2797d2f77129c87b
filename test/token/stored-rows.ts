import { ClientEntity } from '../../src/client/client.entity.js';
import type { Database } from '../../src/database/database.js';
import { newId } from '../../src/ids.js';
import { nameKey } from '../../src/name-key.js';
import { ProviderEntity } from '../../src/provider/provider.entity.js';
import { TokenLabelEntity } from '../../src/token/token-label.entity.js';
import { NEVER } from '../../src/token/token-status.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { UserEntity } from '../../src/user/user.entity.js';

export const NOW = new Date('2026-03-01T12:00:00.000Z');
const BEGINNING = new Date(0);

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** An instant this far from `NOW`. */
export function at(ms: number): Date {
  return new Date(NOW.getTime() + ms);
}

let made = 0;

export function providerRow(given: Partial<ProviderEntity> = {}): ProviderEntity {
  made += 1;
  const name = `Provider ${made}`;
  return Object.assign(new ProviderEntity(), {
    id: newId('provider'),
    key: `provider-${made}`,
    name,
    nameKey: nameKey(name),
    kind: 'EXTERNAL',
    catalogueKey: null,
    category: null,
    documentationUrl: null,
    issuer: null,
    authorizationEndpoint: null,
    tokenEndpoint: 'https://id.example.com/token',
    refreshEndpoint: null,
    revocationEndpoint: null,
    introspectionEndpoint: null,
    userinfoEndpoint: null,
    deviceAuthorizationEndpoint: null,
    grantTypes: ['CLIENT_CREDENTIALS', 'AUTHORIZATION_CODE', 'PASSWORD'],
    tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC',
    pkce: true,
    scopeSeparator: ' ',
    defaultScopes: [],
    requiredScopes: [],
    authorizationParameters: null,
    tokenParameters: null,
    requireRefreshToken: false,
    baseId: null,
    rotation: 'UNKNOWN',
    revocationScope: 'UNKNOWN',
    expiresInUnit: 'SECONDS',
    assertionAudience: 'ISSUER',
    accessTokenLifetime: null,
    authorizationLifetime: null,
    authorizationAbsoluteLifetime: null,
    refreshMargin: 'PT5M',
    enabled: true,
    createdAt: NOW,
    updatedAt: NOW,
    version: 1,
    ...given,
  });
}

export function clientRow(provider: ProviderEntity, given: Partial<ClientEntity> = {}): ClientEntity {
  made += 1;
  const name = `Client ${made}`;
  return Object.assign(new ClientEntity(), {
    id: newId('client'),
    providerId: provider.id,
    defaultForProviderId: null,
    name,
    nameKey: nameKey(name),
    clientId: `client-${made}`,
    scopes: [],
    grantTypes: ['CLIENT_CREDENTIALS', 'AUTHORIZATION_CODE', 'PASSWORD'],
    tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC',
    enabled: true,
    createdAt: NOW,
    updatedAt: NOW,
    version: 1,
    ...given,
  });
}

export function userRow(): UserEntity {
  made += 1;
  const name = `User ${made}`;
  return Object.assign(new UserEntity(), {
    id: newId('user'),
    kind: 'SERVICE',
    name,
    nameKey: nameKey(name),
    email: null,
    emailKey: null,
    passwordHash: null,
    roles: ['MEMBER'],
    enabled: true,
    lastLoginAt: null,
    createdAt: NOW,
    updatedAt: NOW,
    version: 1,
  });
}

/** Connected, without a refresh token, unless something else is given. */
export function tokenRow(
  client: Pick<ClientEntity, 'id' | 'providerId'>,
  given: Partial<TokenEntity> = {},
): TokenEntity {
  made += 1;
  const { expiresAt = at(HOUR_MS), lastUsedAt = null, name = `Token ${made}` } = given;
  return Object.assign(new TokenEntity(), {
    id: newId('token'),
    name,
    nameKey: nameKey(name),
    providerId: client.providerId,
    clientId: client.id,
    useProviderClient: false,
    userId: null,
    grantType: 'AUTHORIZATION_CODE',
    externalId: null,
    enabled: true,
    connectionState: 'CONNECTED',
    scopes: [],
    askedScopes: null,
    grantedScopes: [],
    resource: [],
    authorizationParameters: null,
    tokenParameters: null,
    login: null,
    accessToken: 'sealed',
    refreshToken: null,
    idToken: null,
    credentialHost: null,
    accessTokenHint: null,
    tokenType: 'Bearer',
    expiresIn: 3600,
    rawExpiresIn: null,
    expiryAnomaly: false,
    expiresAt,
    sortExpiresAt: expiresAt ?? NEVER,
    refreshTokenExpiresAt: null,
    authorizationExpiresAt: null,
    renewable: false,
    autoRefresh: true,
    resetInterval: null,
    nextRefreshAt: NEVER,
    reservedBy: null,
    failures: 0,
    unknownOutcomes: 0,
    issuedAt: NOW,
    authorizedAt: NOW,
    lastRefreshedAt: null,
    lastUsedAt,
    sortLastUsedAt: lastUsedAt ?? BEGINNING,
    revokedAt: null,
    accountSubject: null,
    accountEmail: null,
    accountName: null,
    lastError: null,
    lastExchange: null,
    generation: 1,
    epoch: 1,
    leaseOwner: null,
    leaseUntilMs: 0,
    grantKey: null,
    replacesId: null,
    createdAt: NOW,
    updatedAt: NOW,
    version: 1,
    ...given,
  });
}

export interface Rows {
  providers?: ProviderEntity[];
  clients?: ClientEntity[];
  users?: UserEntity[];
  tokens?: TokenEntity[];
  labels?: TokenLabelEntity[];
}

export async function saveRows(
  { writer: { manager } }: Database,
  { clients = [], labels = [], providers = [], tokens = [], users = [] }: Rows,
): Promise<void> {
  await manager.insert(ProviderEntity, providers);
  await manager.insert(ClientEntity, clients);
  await manager.insert(UserEntity, users);
  for (let start = 0; start < tokens.length; start += 100)
    await manager.insert(TokenEntity, tokens.slice(start, start + 100));
  await manager.insert(TokenLabelEntity, labels);
}
