import { describe, expect, it } from '@jest/globals';
import { revocationOutcome, waitMs } from '../../src/revocation/revocation-rules.js';

const DAY_MS = 24 * 60 * 60_000;

describe('revocationOutcome', () => {
  it.each([
    ['REVOKED', 'REVOKED', 'REVOKED_AT_PROVIDER'],
    ['REVOKED', 'UNSUPPORTED', 'REVOKED_AT_PROVIDER'],
    ['UNSUPPORTED', 'REVOKED', 'PROVIDER_REFUSED'],
    ['UNSUPPORTED', 'UNSUPPORTED', 'PROVIDER_REFUSED'],
    ['REVOKED', 'REFUSED', 'PROVIDER_REFUSED'],
    ['REFUSED', 'UNREACHABLE', 'PROVIDER_UNREACHABLE'],
    ['NOWHERE', 'NOWHERE', 'REVOKED_LOCALLY'],
  ] as const)('of a refresh token %s and an access token %s is %s', (refresh, access, outcome) => {
    const ends = [
      { hint: 'refresh_token', end: refresh },
      { hint: 'access_token', end: access },
    ] as const;
    expect(revocationOutcome(ends)).toBe(outcome);
  });
});

describe('waitMs', () => {
  it('doubles up to six hours, with full jitter, and ends after a week', () => {
    const longest = (tries: number) => waitMs(tries, 0, () => 1);
    expect([1, 2, 3, 20].map(longest)).toEqual([90_000, 150_000, 270_000, 6 * 60 * 60_000 + 30_000]);
    expect(waitMs(5, 0, () => 0)).toBe(30_000);
    expect(waitMs(5, 7 * DAY_MS)).toBeNull();
  });
});
