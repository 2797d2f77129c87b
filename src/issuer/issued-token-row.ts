import type { ClientEntity } from '../client/client.entity.js';
import { addDuration } from '../duration.js';
import type { GrantType } from '../provider/provider-enums.js';
import { nameKey } from '../name-key.js';
import { newTokenRow } from '../token/token-draft.js';
import { NEVER } from '../token/token-status.js';
import type { TokenEntity } from '../token/token.entity.js';

/** Calendar months. */
export const DEFAULT_TOKEN_LIFETIME = 'P6M';

export interface IssuedToken {
  id: string;
  name: string;
  client: Pick<ClientEntity, 'id' | 'providerId' | 'automaticAuthorization' | 'tokenLifetime'>;
  userId: string | null;
  grantType: GrantType;
  scopes: readonly string[];
  resource: readonly string[];
  /** Null: as long as its client's tokens last. */
  expiresInSeconds?: number | null;
  now: Date;
}

/** The row of a token that the hub issues: connected from the start, and renewed by nobody. */
export function issuedTokenRow(issued: IssuedToken): TokenEntity {
  const { client, expiresInSeconds, grantType, id, name, now, userId } = issued;
  const expiresAt = expiresInSeconds == null ? endOf(client, now) : secondsAfter(now, expiresInSeconds);
  return newTokenRow({
    id,
    name,
    nameKey: nameKey(name),
    providerId: client.providerId,
    clientId: client.id,
    useProviderClient: false,
    userId,
    grantType,
    connectionState: 'CONNECTED',
    scopes: [...issued.scopes],
    grantedScopes: [...issued.scopes],
    askedScopes: [...issued.scopes],
    resource: [...issued.resource],
    tokenType: 'Bearer',
    ...expiryColumns(expiresAt, now),
    autoRefresh: false,
    issuedAt: now,
    authorizedAt: now,
    generation: 1,
    createdAt: now,
    updatedAt: now,
  });
}

/** When a token of the client ends that is issued now; null for never. */
export function endOf(client: IssuedToken['client'], now: Date): Date | null {
  return client.automaticAuthorization ? null : addDuration(now, client.tokenLifetime ?? DEFAULT_TOKEN_LIFETIME);
}

export function secondsAfter(now: Date, seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000);
}

export function expiryColumns(
  expiresAt: Date | null,
  now: Date,
): Pick<TokenEntity, 'expiresAt' | 'sortExpiresAt' | 'expiresIn'> {
  const expiresIn = expiresAt && Math.round((expiresAt.getTime() - now.getTime()) / 1000);
  return { expiresAt, sortExpiresAt: expiresAt ?? NEVER, expiresIn };
}
