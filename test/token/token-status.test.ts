import { describe, expect, it } from '@jest/globals';
import { expiryLabel, isFresh, NEVER, statusOf } from '../../src/token/token-status.js';
import type { TokenEntity } from '../../src/token/token.entity.js';
import { at, clientRow, DAY_MS, HOUR_MS, MINUTE_MS, NOW, providerRow, tokenRow } from './stored-rows.js';

const client = clientRow(providerRow());
const aToken = (given: Partial<TokenEntity>): TokenEntity => tokenRow(client, given);

const REFRESHABLE = { refreshToken: 'sealed', renewable: true };
const MACHINE = { grantType: 'CLIENT_CREDENTIALS', renewable: true } as const;
const EXPIRED = { expiresAt: at(-HOUR_MS) };
const UNKNOWN = { expiresAt: null, sortExpiresAt: NEVER };

describe('statusOf', () => {
  it.each<[string, Partial<TokenEntity>, string]>([
    ['connected', {}, 'ACTIVE'],
    ['connected with an expiry that nobody told', UNKNOWN, 'ACTIVE'],
    ['never connected', { issuedAt: null, accessToken: null, ...UNKNOWN }, 'PENDING'],
    ['expired', EXPIRED, 'EXPIRED'],
    ['expiring at this very moment', { expiresAt: NOW }, 'EXPIRED'],
    ['expired with a refresh token', { ...EXPIRED, ...REFRESHABLE }, 'ACTIVE'],
    ['expired with a refresh token that lives', { ...EXPIRED, ...REFRESHABLE, refreshTokenExpiresAt: at(1) }, 'ACTIVE'],
    ['expired with one that has died', { ...EXPIRED, ...REFRESHABLE, refreshTokenExpiresAt: NOW }, 'EXPIRED'],
    ['valid with one that has died', { ...REFRESHABLE, refreshTokenExpiresAt: NOW }, 'ACTIVE'],
    ['expired, by the credentials of the client', { ...EXPIRED, ...MACHINE }, 'ACTIVE'],
    [
      'expired, by a stored password, with a refresh token that has died',
      { ...EXPIRED, grantType: 'PASSWORD', login: 'sealed', ...REFRESHABLE, refreshTokenExpiresAt: at(-1) },
      'ACTIVE',
    ],
    ['revoked', { revokedAt: NOW, ...REFRESHABLE }, 'REVOKED'],
    ['revoked before it was connected', { revokedAt: NOW, issuedAt: null }, 'REVOKED'],
    ['switched off', { enabled: false }, 'ACTIVE'],
    ['failing', { connectionState: 'ERROR' }, 'ACTIVE'],
  ])('of a token that is %s', (_case, given, status) => {
    expect(statusOf(aToken(given), NOW)).toBe(status);
  });
});

describe('expiryLabel', () => {
  const consent = (ms: number) => ({ ...REFRESHABLE, authorizationExpiresAt: at(ms) });

  it.each<[Partial<TokenEntity>, string]>([
    [{ revokedAt: NOW }, 'Revoked'],
    [{ issuedAt: null }, 'Not connected yet'],
    [UNKNOWN, 'Does not say when it expires'],
    [REFRESHABLE, 'Renews by itself'],
    [{ ...REFRESHABLE, ...EXPIRED }, 'Renews by itself'],
    [MACHINE, 'Renews by itself'],
    [{ ...MACHINE, refreshToken: 'sealed', refreshTokenExpiresAt: at(DAY_MS) }, 'Renews by itself'],
    [{ expiresAt: at(7 * DAY_MS), grantKey: 'of the token endpoint' }, 'Grant ends in 7 days'],
    [{ expiresAt: at(30_000) }, 'Token ends soon, in less than a minute'],
    [{ expiresAt: at(MINUTE_MS) }, 'Token ends soon, in 1 minute'],
    [{ expiresAt: at(2 * HOUR_MS - 1) }, 'Token ends soon, in 1 hour'],
    [{ expiresAt: at(7 * DAY_MS - 1) }, 'Token ends soon, in 6 days'],
    [{ expiresAt: at(7 * DAY_MS) }, 'Token ends in 7 days'],
    [{ expiresAt: at(90 * DAY_MS) }, 'Token ends in 90 days'],
    [EXPIRED, 'Expired 1 hour ago'],
    [{ expiresAt: at(-59_000) }, 'Expired less than a minute ago'],
    [{ expiresAt: at(-400 * DAY_MS) }, 'Expired 400 days ago'],
    [consent(180 * DAY_MS), 'Consent ends in 180 days'],
    [consent(3 * DAY_MS), 'Consent ends soon, in 3 days'],
    [consent(-DAY_MS), 'Consent ended 1 day ago: connect again'],
    [{ ...consent(90 * DAY_MS), refreshTokenExpiresAt: at(14 * DAY_MS) }, 'Consent ends in 14 days'],
    [{ ...consent(9 * DAY_MS), refreshTokenExpiresAt: at(14 * DAY_MS) }, 'Consent ends in 9 days'],
    [{ ...REFRESHABLE, ...EXPIRED, refreshTokenExpiresAt: at(-MINUTE_MS) }, 'Expired 1 hour ago'],
  ])('of %j is %s', (given, label) => {
    expect(expiryLabel(aToken(given), NOW)).toBe(label);
  });
});

describe('isFresh', () => {
  it.each<[string, Partial<TokenEntity>, number, boolean]>([
    ['longer than asked', { expiresAt: at(30_001) }, 30_000, true],
    ['exactly as long as asked', { expiresAt: at(30_000) }, 30_000, false],
    ['to the present', { expiresAt: NOW }, 0, false],
    ['for an unknown time', UNKNOWN, DAY_MS, true],
    ['longer than asked, but from the future', { issuedAt: at(5_001), ...REFRESHABLE }, 0, false],
    ['longer than asked, and from the next seconds', { issuedAt: at(5_000), ...REFRESHABLE }, 0, true],
    ['from the future, but cannot be renewed', { issuedAt: at(HOUR_MS) }, 0, true],
    ['from the future, for an unknown time', { issuedAt: at(HOUR_MS), ...UNKNOWN, ...REFRESHABLE }, 0, true],
    ['longer than asked, but revoked', { revokedAt: NOW }, 0, false],
    ['longer than asked, but not there', { accessToken: null }, 0, false],
  ])('of a token that is valid %s', (_case, given, minValidityMs, fresh) => {
    expect(isFresh(aToken(given), NOW, minValidityMs)).toBe(fresh);
  });
});
