import type { UserEntity } from '../user/user.entity.js';

/** What the scopes tell of a person. @see OpenID Connect Core §5.1, §5.4 */
export function userClaims(user: Pick<UserEntity, 'id' | 'name' | 'email'>, scopes: readonly string[]) {
  return {
    sub: user.id,
    ...(scopes.includes('profile') && { name: user.name }),
    ...(scopes.includes('email') && user.email !== null && { email: user.email }),
  };
}

/** Claims that an ID token or userinfo may have. */
export const CLAIMS_SUPPORTED = ['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'at_hash', 'name', 'email'];
