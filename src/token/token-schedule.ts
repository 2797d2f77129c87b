import { addDuration } from '../duration.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import { absoluteEnd } from './authorization-end.js';
import { hasOwnCredential, NEVER } from './token-status.js';
import { refreshMarginMs } from './token-warnings.js';
import type { TokenEntity } from './token.entity.js';

/** Of its margin, the share by which refreshes that fall due together are spread. */
const SPREAD = 0.25;
/** A grant that dies of idleness is used when so much of its time has passed. */
const KEEP_ALIVE_SHARE = 0.8;
const SHORTEST_KEEP_ALIVE_MS = 10 * 60_000;
const FIRST_BACKOFF_MS = 30_000;
/** Spreads what came to nothing together. */
const AT_ONCE_MS = 2_000;
const LONGEST_BACKOFF_MS = 60 * 60_000;
/** A reset by schedule that failed is repeated first after this; refreshes go on meanwhile. */
const FIRST_RESET_RETRY_MS = 5 * 60_000;
/** Where only a person can help, it is looked at now and then all the same: the cause may have been mended elsewhere. */
const HOPELESS_MS = 6 * 60 * 60_000;

type Scheduled = Pick<
  TokenEntity,
  | 'authorizationExpiresAt'
  | 'authorizedAt'
  | 'autoRefresh'
  | 'enabled'
  | 'expiresAt'
  | 'expiresIn'
  | 'grantType'
  | 'issuedAt'
  | 'login'
  | 'refreshTokenExpiresAt'
  | 'renewable'
  | 'resetInterval'
  | 'revokedAt'
>;

/**
 * When a token is renewed by itself: before it expires, before its grant dies of idleness, or by its schedule.
 *
 * @param random from 0 to 1
 * @param reset when it is obtained anew by its schedule, or tried to
 */
export function nextRefreshAt(
  token: Scheduled,
  provider: ProviderEntity,
  now: Date,
  random = Math.random(),
  reset = scheduledReset(token),
): Date {
  const { enabled, issuedAt, revokedAt } = token;
  if (!issuedAt || revokedAt || !enabled) return NEVER;
  const dues = [beforeExpiry(token, provider, now, random), keepAlive(token, provider), reset];
  return dues.filter((due) => due !== null).reduce((first, due) => (due < first ? due : first), NEVER);
}

/** When the token is obtained anew by its schedule; null without one. */
export function scheduledReset({ authorizedAt, resetInterval }: Scheduled): Date | null {
  return resetInterval && authorizedAt ? addDuration(authorizedAt, resetInterval) : null;
}

/** When a reset that was due and failed is tried again: it waits as long again as it has been due, six hours at most. */
export function resetRetryAt(due: Date, failedAt: Date): Date {
  const waitMs = Math.max(FIRST_RESET_RETRY_MS, failedAt.getTime() - due.getTime());
  return new Date(failedAt.getTime() + Math.min(HOPELESS_MS, waitMs));
}

/** How long after the n-th failure in a row the next try comes: doubling, with full jitter. */
export function backoffMs(failures: number, random = Math.random()): number {
  return FIRST_BACKOFF_MS / 2 + random * Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 20));
}

/** How long a repetition waits that must come soon. */
export function atOnceMs(random = Math.random()): number {
  return random * AT_ONCE_MS;
}

/** When a token is looked at again whose renewal was refused. */
export function afterRefusal(now: Date, random = Math.random()): Date {
  return new Date(now.getTime() + HOPELESS_MS * (1 + random * SPREAD));
}

function beforeExpiry(token: Scheduled, provider: ProviderEntity, now: Date, random: number): Date | null {
  const { autoRefresh, expiresAt, renewable } = token;
  if (!autoRefresh || !renewable || !expiresAt) return null;
  const marginMs = refreshMarginMs(token, provider, now);
  return new Date(expiresAt.getTime() - marginMs * (1 + random * SPREAD));
}

function keepAlive(token: Scheduled, provider: ProviderEntity): Date | null {
  const { authorizedAt, autoRefresh, issuedAt, refreshTokenExpiresAt, renewable } = token;
  if (!autoRefresh || !renewable || !issuedAt || hasOwnCredential(token)) return null;
  const fixedEnd = absoluteEnd(provider, authorizedAt);
  const ends = [token.authorizationExpiresAt, refreshTokenExpiresAt]
    .filter((end) => end !== null)
    // Use puts off no end that comes after this one.
    .filter((end) => fixedEnd === null || end < fixedEnd);
  const [end] = ends.sort((a, b) => a.getTime() - b.getTime());
  // An end that does not move with use would be come nearer to in ever shorter steps.
  if (end && end.getTime() - issuedAt.getTime() < SHORTEST_KEEP_ALIVE_MS) return null;
  return end ? new Date(issuedAt.getTime() + (end.getTime() - issuedAt.getTime()) * KEEP_ALIVE_SHARE) : null;
}
