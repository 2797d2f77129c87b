import { describe, expect, it } from '@jest/globals';
import type { ProviderEntity } from '../../src/provider/provider.entity.js';
import { backoffMs, nextRefreshAt, resetRetryAt } from '../../src/token/token-schedule.js';
import { NEVER } from '../../src/token/token-status.js';
import { at, clientRow, HOUR_MS, NOW, providerRow, tokenRow } from './stored-rows.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * HOUR_MS;
const provider: ProviderEntity = providerRow({ refreshMargin: 'PT5M', authorizationAbsoluteLifetime: 'P365D' });
const client = clientRow(provider);
const RENEWABLE = { renewable: true, refreshToken: 'sealed', authorizedAt: NOW } as const;

describe('nextRefreshAt', () => {
  it.each([
    ['before its expiry, by the margin', { expiresAt: at(HOUR_MS) }, at(55 * MINUTE_MS)],
    ['by a fifth of a short lifetime', { expiresAt: at(10 * MINUTE_MS), expiresIn: 600 }, at(8 * MINUTE_MS)],
    ['never without anything to renew it', { renewable: false }, NEVER],
    ['never when it is switched off', { enabled: false }, NEVER],
    ['never when that is not wanted', { autoRefresh: false }, NEVER],
    ['never when it is revoked', { revokedAt: NOW }, NEVER],
    ['never before it is obtained', { issuedAt: null }, NEVER],
    ['never when it does not expire', { expiresAt: null, expiresIn: null }, NEVER],
    [
      'before its grant dies of idleness',
      { expiresAt: null, expiresIn: null, authorizationExpiresAt: at(10 * DAY_MS) },
      at(8 * DAY_MS),
    ],
    [
      'never for the sake of an end that use does not put off',
      { expiresAt: null, expiresIn: null, authorizationExpiresAt: at(365 * DAY_MS) },
      NEVER,
    ],
    [
      'before its refresh token ends',
      { expiresAt: at(DAY_MS), refreshTokenExpiresAt: at(HOUR_MS) },
      at(48 * MINUTE_MS),
    ],
    ['by its schedule', { autoRefresh: false, resetInterval: 'PT30M' }, at(30 * MINUTE_MS)],
    ['before it expires when the schedule comes later', { resetInterval: 'PT2H' }, at(55 * MINUTE_MS)],
  ])('is %s', (_what, given, expected) => {
    const token = tokenRow(client, { ...RENEWABLE, expiresAt: at(HOUR_MS), ...given });
    expect(nextRefreshAt(token, provider, NOW, 0)).toEqual(expected);
  });

  it('is spread over a quarter of the margin, always earlier', () => {
    const token = tokenRow(client, { ...RENEWABLE, expiresAt: at(HOUR_MS) });
    const dues = Array.from({ length: 1000 }, () => nextRefreshAt(token, provider, NOW).getTime());

    expect(Math.max(...dues)).toBeLessThanOrEqual(at(55 * MINUTE_MS).getTime());
    expect(Math.min(...dues)).toBeGreaterThanOrEqual(at(55 * MINUTE_MS - 75_000).getTime());
    expect(new Set(dues.map((due) => Math.floor(due / 5000))).size).toBeGreaterThan(10);
  });
});

describe('resetRetryAt', () => {
  it.each([
    [0, 5 * MINUTE_MS],
    [5 * MINUTE_MS, 5 * MINUTE_MS],
    [HOUR_MS, HOUR_MS],
    [DAY_MS, 6 * HOUR_MS],
  ])('of a reset that failed %d ms after it was due is %d ms later', (overdueMs, waitMs) => {
    expect(resetRetryAt(NOW, at(overdueMs))).toEqual(at(overdueMs + waitMs));
  });
});

describe('backoffMs', () => {
  it('doubles up to an hour, with full jitter', () => {
    expect([1, 2, 3, 50].map((failures) => backoffMs(failures, 1))).toEqual([75_000, 135_000, 255_000, 3_615_000]);
    expect(backoffMs(50, 0)).toBe(15_000);
  });
});
