import type { TokenTypeHint } from '../oauth/revocation.js';
import type { RevocationOutcome } from '../token/token-enums.js';

/**
 * What sending one credential came to. UNSUPPORTED: the provider cannot revoke this kind (RFC 7009 §2.2.1). NOWHERE:
 * there is no provider, client or endpoint any more that it could be sent to.
 */
export type RevocationEnd = 'REVOKED' | 'UNSUPPORTED' | 'REFUSED' | 'UNREACHABLE' | 'NOWHERE';

/** How the hub gave up on one: somebody has to end the credential at its provider. */
export type GivenUp = 'REFUSED' | 'UNSUPPORTED' | 'UNREACHABLE' | 'NOWHERE';

const DAY_MS = 24 * 60 * 60_000;
const GIVE_UP_AFTER_MS = 7 * DAY_MS;
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 6 * 60 * 60_000;

/** What became of all credentials of a token, in one word: the worst of them. */
export function revocationOutcome(ends: readonly { hint: TokenTypeHint; end: RevocationEnd }[]): RevocationOutcome {
  const isGrantOver = ends.some(({ end, hint }) => hint === 'refresh_token' && end === 'REVOKED');
  // Where access tokens cannot be revoked they end with their refresh token, or by themselves.
  const counted = ends.map(({ end }) => (end === 'UNSUPPORTED' ? (isGrantOver ? 'REVOKED' : 'REFUSED') : end));
  if (counted.includes('UNREACHABLE')) return 'PROVIDER_UNREACHABLE';
  if (counted.includes('REFUSED')) return 'PROVIDER_REFUSED';
  return counted.includes('REVOKED') ? 'REVOKED_AT_PROVIDER' : 'REVOKED_LOCALLY';
}

/** @returns null where nothing is left to do: access tokens that cannot be revoked end by themselves */
export function givenUp(hint: TokenTypeHint, end: RevocationEnd): GivenUp | null {
  return end === 'REVOKED' || (end === 'UNSUPPORTED' && hint === 'access_token') ? null : end;
}

/**
 * How long to wait before the next try: doubling, with full jitter.
 *
 * @param tries that have been made
 * @returns null when a week of tries is enough
 */
export function waitMs(tries: number, ageMs: number, random = Math.random): number | null {
  if (ageMs >= GIVE_UP_AFTER_MS) return null;
  return FIRST_WAIT_MS + Math.round(random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries));
}
