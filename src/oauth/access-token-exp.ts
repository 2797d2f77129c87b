import { decodeJwt } from './jwt.js';
import { MAX_LIFETIME_SECONDS, secondsUntil } from './expires-in.js';

/**
 * How long an access token that is a JWT says it lives. The claim is read, not verified: whoever could forge it here
 * could as well have answered with another `expires_in`.
 *
 * @param sentAt when the token request was sent
 * @returns whole seconds from then, at most ten years; null for an opaque token, or without an `exp` in the future
 * @see RFC 9068 §2.2, RFC 7519 §4.1.4
 */
export function accessTokenLifetime(accessToken: string, sentAt: Date): number | null {
  const exp = decodeJwt(accessToken)?.claims.exp;
  if (typeof exp !== 'number') return null;
  const seconds = secondsUntil(exp * 1000, sentAt);
  return seconds > 0 ? Math.min(seconds, MAX_LIFETIME_SECONDS) : null;
}
