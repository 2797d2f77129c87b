import { describe, expect, it } from '@jest/globals';
import { refreshMarginMs, tokenWarnings } from '../../src/token/token-warnings.js';
import type { TokenError } from '../../src/token/token-error.js';
import { NEVER } from '../../src/token/token-status.js';
import type { TokenEntity } from '../../src/token/token.entity.js';
import { at, clientRow, HOUR_MS, MINUTE_MS, NOW, providerRow, tokenRow } from './stored-rows.js';

const provider = providerRow({ refreshMargin: 'PT5M' });
const client = clientRow(provider);
const FAILED: TokenError = {
  code: 'PROVIDER_UNREACHABLE',
  message: 'The provider did not answer.',
  error: 'timeout',
  description: null,
  uri: null,
  httpStatus: null,
  permanent: false,
  retryAt: null,
  occurredAt: NOW.toISOString(),
};
const MACHINE = { grantType: 'CLIENT_CREDENTIALS', renewable: true } as const;

describe('tokenWarnings', () => {
  it.each<[string, Partial<TokenEntity>, string[]]>([
    ['in order', MACHINE, []],
    ['not connected yet', { issuedAt: null, scopes: ['read'] }, []],
    ['failing, but fresh', { ...MACHINE, lastError: FAILED }, []],
    ['failing inside the margin', { ...MACHINE, lastError: FAILED, expiresAt: at(4 * MINUTE_MS) }, ['STALE']],
    ['inside the margin, but not failing', { ...MACHINE, expiresAt: at(4 * MINUTE_MS) }, []],
    ['failing and expired', { ...MACHINE, lastError: FAILED, expiresAt: at(-1) }, []],
    ['failing without a known expiry', { ...MACHINE, lastError: FAILED, expiresAt: null, sortExpiresAt: NEVER }, []],
    ['granted less', { ...MACHINE, scopes: ['read', 'write'], grantedScopes: ['read'] }, ['SCOPE_NARROWED']],
    ['granted less than by default', { ...MACHINE, askedScopes: ['a', 'b'], grantedScopes: ['a'] }, ['SCOPE_NARROWED']],
    ['asked by default of its time', { ...MACHINE, scopes: ['b'], askedScopes: ['a'], grantedScopes: ['a'] }, []],
    [
      'granted what the answer itself shows',
      { ...MACHINE, askedScopes: ['openid', 'offline_access'], idToken: 'sealed', refreshToken: 'sealed' },
      [],
    ],
    ['granted no ID token', { ...MACHINE, askedScopes: ['openid'], refreshToken: 'sealed' }, ['SCOPE_NARROWED']],
    ['granted no refresh token', { ...MACHINE, askedScopes: ['offline_access'], idToken: 'x' }, ['SCOPE_NARROWED']],
    [
      'granted under the names in full',
      {
        ...MACHINE,
        askedScopes: ['email', 'User.Read'],
        grantedScopes: ['https://www.googleapis.com/auth/userinfo.email', 'https://graph.microsoft.com/User.Read'],
      },
      [],
    ],
    [
      'granted something else of the same ending',
      { ...MACHINE, askedScopes: ['read', 'mail'], grantedScopes: ['https://id.example.com/mail.read', 'hotmail'] },
      ['SCOPE_NARROWED'],
    ],
    ...[
      ['https://graph.microsoft.com/.default', 'https://graph.microsoft.com/User.Read'],
      ['https://graph.microsoft.com/.default', 'https://graph.microsoft.com/.default'],
      ['https://management.azure.com//.default', 'https://management.azure.com/user_impersonation'],
      ['https://management.azure.com//.default', 'https://management.azure.com//user_impersonation'],
      ['api://12ab/.default', 'api://12ab/orders.read'],
      ['.default', 'orders.read'],
    ].map(([asked = '', granted = '']): [string, Partial<TokenEntity>, string[]] => [
      `granted ${granted} for ${asked}`,
      { ...MACHINE, askedScopes: [asked], grantedScopes: ['profile', granted] },
      [],
    ]),
    ...[
      ['https://graph.microsoft.com/.default', 'https://graph.microsoft.com.example.com/User.Read'],
      ['https://graph.microsoft.com/.default', 'https://vault.azure.net/user_impersonation'],
      ['api://12ab/.default', 'profile'],
      ['orders.default', 'orders.read'],
    ].map(([asked = '', granted = '']): [string, Partial<TokenEntity>, string[]] => [
      `granted ${granted} only for ${asked}`,
      { ...MACHINE, askedScopes: [asked], grantedScopes: [granted] },
      ['SCOPE_NARROWED'],
    ]),
    ['granted nothing of all', { ...MACHINE, askedScopes: ['.default'] }, ['SCOPE_NARROWED']],
    ['granted more', { ...MACHINE, scopes: ['read'], grantedScopes: ['write', 'read'] }, []],
    ['oddly expiring', { ...MACHINE, expiryAnomaly: true }, ['EXPIRY_ANOMALY']],
    ['a person without a refresh token', {}, ['REFRESH_TOKEN_MISSING']],
    ['a person with a refresh token', { refreshToken: 'sealed', renewable: true }, []],
    [
      'wrong in every way',
      { scopes: ['read'], expiryAnomaly: true, lastError: FAILED, expiresAt: at(MINUTE_MS) },
      ['STALE', 'SCOPE_NARROWED', 'EXPIRY_ANOMALY', 'REFRESH_TOKEN_MISSING'],
    ],
    ['revoked', { revokedAt: NOW, scopes: ['read'], lastError: FAILED, expiresAt: at(MINUTE_MS) }, []],
  ])('of a token that is %s', (_case, given, warnings) => {
    expect(tokenWarnings(tokenRow(client, given), provider, NOW)).toEqual(warnings);
  });
});

describe('refreshMarginMs', () => {
  it.each([
    { expiresIn: 3600, refreshMargin: 'PT5M', marginMs: 5 * MINUTE_MS },
    { expiresIn: 600, refreshMargin: 'PT5M', marginMs: 2 * MINUTE_MS },
    { expiresIn: 10, refreshMargin: 'PT5M', marginMs: 2_000 },
    { expiresIn: null, refreshMargin: 'PT5M', marginMs: 5 * MINUTE_MS },
    { expiresIn: 86_400, refreshMargin: 'PT1H', marginMs: HOUR_MS },
  ])('is $marginMs ms of $expiresIn s with $refreshMargin configured', ({ expiresIn, marginMs, refreshMargin }) => {
    const margin = refreshMarginMs(tokenRow(client, { expiresIn }), { ...provider, refreshMargin }, NOW);

    expect(margin).toBe(marginMs);
  });
});
