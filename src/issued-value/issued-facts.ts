import type { ClientEntity } from '../client/client.entity.js';
import type { TokenEntity } from '../token/token.entity.js';
import type { UserEntity } from '../user/user.entity.js';
import type { IssuedValueEntity } from './issued-value.entity.js';

/** An issued value and all that decides what it is worth now, as one statement has read it. */
export interface IssuedFacts {
  readonly value: IssuedValueEntity;
  /** Of a value with a family, how that stands. */
  readonly family: { readonly generation: number; readonly endsAt: Date | null } | null;
  readonly token: Pick<
    TokenEntity,
    'id' | 'name' | 'grantType' | 'grantKey' | 'scopes' | 'resource' | 'enabled' | 'revokedAt' | 'expiresAt'
  >;
  readonly client: Pick<
    ClientEntity,
    'id' | 'clientId' | 'name' | 'enabled' | 'accessTokenFormat' | 'runAsId' | 'allowedTokens' | 'allowedProviders'
  >;
  readonly isProviderEnabled: boolean;
  /** On whose behalf; null where nobody was named, or the user is gone. */
  readonly user: Pick<UserEntity, 'id' | 'name' | 'email' | 'roles' | 'enabled'> | null;
}

/** Those of the value where it has fewer, else those of its token. */
export function scopesOf({ token, value }: Pick<IssuedFacts, 'token' | 'value'>): readonly string[] {
  return value.scopes ?? token.scopes;
}

/** When it expires by itself: its own end or its token's, whichever is earlier; null for never. */
export function expiryOf({ token, value }: Pick<IssuedFacts, 'token' | 'value'>): Date | null {
  if (token.expiresAt === null || value.expiresAt === null) return token.expiresAt ?? value.expiresAt;
  return token.expiresAt < value.expiresAt ? token.expiresAt : value.expiresAt;
}

/**
 * Whether it may be used there. A token for no resource in particular is good for each, one for a whole host for all that is
 * there.
 *
 * @see RFC 8707 §2
 */
export function isGoodFor({ token: { resource } }: Pick<IssuedFacts, 'token'>, uri: string): boolean {
  if (resource.length === 0 || resource.includes(uri)) return true;
  const { origin } = new URL(uri);
  return resource.includes(origin) || resource.includes(`${origin}/`);
}

/**
 * Whether a token still is of the user that it should be of: what a person has consented to is done as this person, and by
 * itself a client acts as the user that it has now, or as nobody.
 */
export function isOfItsUser(
  { grantType, userId }: Pick<TokenEntity, 'grantType' | 'userId'>,
  { runAsId }: Pick<ClientEntity, 'runAsId'>,
): boolean {
  return grantType === 'AUTHORIZATION_CODE' ? userId !== null : userId === runAsId;
}

/** Whether the value, and everything it hangs on, counts at this moment. */
export function isLive(facts: IssuedFacts, now: Date): boolean {
  const { client, family, isProviderEnabled, token, user, value } = facts;
  const isUsers = isOfItsUser({ grantType: token.grantType, userId: user?.id ?? null }, client);
  const isSwitchedOn = isProviderEnabled && client.enabled && token.enabled && user?.enabled !== false;
  const ends = [expiryOf(facts), value.endsAt, family?.endsAt ?? null];
  // Whatever the clock of the replica says that has revoked it.
  return isUsers && isSwitchedOn && token.revokedAt === null && ends.every((end) => end === null || end > now);
}
