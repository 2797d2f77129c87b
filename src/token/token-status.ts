import type { TokenStatus } from './token-enums.js';
import type { TokenEntity } from './token.entity.js';

/** The end of time, for lists that are sorted by expiry. */
export const NEVER = new Date('9999-12-31T00:00:00.000Z');

/** Derived from the facts, so that expiry needs no write. A token that can renew itself does not expire. */
export function statusOf(token: TokenEntity, now: Date): TokenStatus {
  if (token.revokedAt) return 'REVOKED';
  if (!token.issuedAt) return 'PENDING';
  return canRenew(token, now) || token.sortExpiresAt > now ? 'ACTIVE' : 'EXPIRED';
}

/** Grants that the hub can repeat by itself: the client's own, and stored user names and passwords. */
export function hasOwnCredential(token: Pick<TokenEntity, 'grantType' | 'login'>): boolean {
  return token.grantType === 'CLIENT_CREDENTIALS' || (token.grantType === 'PASSWORD' && token.login !== null);
}

/** Whether an end that was told has come. */
export function hasEnded(end: Date | null, now: Date): boolean {
  return end !== null && end <= now;
}

/** A refresh token renews nothing after the end that its provider has told. */
function canRenew(token: TokenEntity, now: Date): boolean {
  const { refreshTokenExpiresAt, renewable } = token;
  return renewable && (!hasEnded(refreshTokenExpiresAt, now) || hasOwnCredential(token));
}

/** Clocks of database servers may differ by less. */
const CLOCK_GUARD_MS = 5_000;

/** Whether the access token that is stored may still be handed out `minValidityMs` from now. */
export function isFresh(token: TokenEntity, now: Date, minValidityMs: number): boolean {
  if (token.accessToken === null || token.revokedAt) return false;
  if (token.expiresAt === null) return true;
  // Obtained in the future: the clock was set back since, and the expiry tells nothing.
  const isDoubtful = token.issuedAt !== null && token.issuedAt.getTime() > now.getTime() + CLOCK_GUARD_MS;
  if (isDoubtful && token.renewable) return false;
  return token.expiresAt.getTime() > now.getTime() + minValidityMs;
}

const SOON_MS = 7 * 24 * 60 * 60_000;

/**
 * The expiry that matters to a person, in words.
 *
 * @param isOurs whether the hub has issued it, and knows that it has no end
 */
export function expiryLabel(token: TokenEntity, now: Date, isOurs = false): string {
  const status = statusOf(token, now);
  if (status === 'REVOKED') return 'Revoked';
  if (status === 'PENDING') return 'Not connected yet';
  if (status === 'EXPIRED') return `Expired ${inWords(now.getTime() - token.sortExpiresAt.getTime())} ago`;
  const end = token.renewable ? consentEnd(token) : token.expiresAt;
  if (!end && isOurs) return 'Does not expire';
  if (!end) return token.renewable ? 'Renews by itself' : 'Does not say when it expires';
  const left = end.getTime() - now.getTime();
  const ofEndpoint = token.grantKey === null ? 'Token' : 'Grant';
  const what = token.renewable ? 'Consent' : ofEndpoint;
  if (left <= 0) return `${what} ended ${inWords(-left)} ago: connect again`;
  return left < SOON_MS ? `${what} ends soon, in ${inWords(left)}` : `${what} ends in ${inWords(left)}`;
}

/** When renewing stops to work: the refresh token's own end or the consent's, whichever is earlier. */
function consentEnd(token: TokenEntity): Date | null {
  if (hasOwnCredential(token)) return null;
  const { authorizationExpiresAt, refreshTokenExpiresAt } = token;
  const ends = [refreshTokenExpiresAt, authorizationExpiresAt].filter((each) => each !== null);
  return ends.sort((a, b) => a.getTime() - b.getTime())[0] ?? null;
}

const UNITS = [
  [24 * 60 * 60_000, 'day'],
  [60 * 60_000, 'hour'],
  [60_000, 'minute'],
] as const;

function inWords(ms: number): string {
  for (const [unitMs, name] of UNITS) {
    const count = Math.floor(ms / unitMs);
    if (count >= 1) return `${count} ${name}${count === 1 ? '' : 's'}`;
  }
  return 'less than a minute';
}
