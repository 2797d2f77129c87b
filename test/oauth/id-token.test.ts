import { describe, expect, it } from '@jest/globals';
import { readIdToken } from '../../src/oauth/id-token.js';
import { aJwt, RECEIVED_AT } from './answers.js';
import { thrownFailure } from './thrown-failure.js';

const NOW = RECEIVED_AT.getTime() / 1000;
const EXPECTED = { issuer: 'https://idp.example.com', clientId: 'id', nonce: 'N', now: RECEIVED_AT };
const CLAIMS = { iss: EXPECTED.issuer, sub: 'ada', aud: 'id', exp: NOW + 300, iat: NOW, nonce: 'N' };

describe('readIdToken', () => {
  it.each([
    ['the least', {}, {}],
    ['several audiences and its azp', { aud: ['other', 'id'], azp: 'id' }, {}],
    ['one audience in a list', { aud: ['id'] }, {}],
    ['an expiry that has only just passed', { exp: NOW - 59 }, {}],
    ['any issuer when none is known', { iss: 'https://tenant.example.com' }, { issuer: null }],
    ['no nonce when none was sent', { nonce: undefined }, { nonce: null }],
    ['a nonce when none was sent, as at a refresh', {}, { nonce: null }],
  ])('accepts %s', (_name, claims, expected) => {
    const all = { ...CLAIMS, ...claims };
    expect(readIdToken(aJwt(all), { ...EXPECTED, ...expected })).toEqual({ subject: 'ada', issuer: all.iss });
  });

  it('reads address and name', () => {
    const token = aJwt({ ...CLAIMS, email: 'ada@example.com', name: 'Ada' });
    expect(readIdToken(token, EXPECTED)).toMatchObject({ email: 'ada@example.com', name: 'Ada' });
  });

  it.each(['RS256', 'RS512', 'PS256', 'ES256', 'ES384', 'HS256', 'EdDSA', 'Ed25519', 'ES256K'])(
    'accepts the algorithm %s',
    (alg) => {
      expect(readIdToken(aJwt(CLAIMS, { alg }), EXPECTED).subject).toBe('ada');
    },
  );

  it.each([
    ['another issuer', { iss: 'https://evil.example' }, 'issuer'],
    ['almost the issuer', { iss: 'https://idp.example.com/' }, 'issuer'],
    ['no issuer', { iss: undefined }, 'issuer'],
    ['another audience', { aud: 'other' }, 'another client'],
    ['no audience', { aud: undefined }, 'another client'],
    ['an empty list of audiences', { aud: [] }, 'another client'],
    ['several audiences without azp', { aud: ['id', 'other'] }, 'several audiences'],
    ['another azp', { azp: 'other' }, 'issued to another client'],
    ['no exp', { exp: undefined }, 'no exp'],
    ['exp as text', { exp: String(NOW + 300) }, 'no exp'],
    ['an expiry a minute ago', { exp: NOW - 60 }, 'has expired'],
    ['another nonce', { nonce: 'M' }, 'nonce'],
    ['no nonce', { nonce: undefined }, 'nonce'],
    ['no subject', { sub: undefined, user_id: 'ada' }, 'no subject'],
    ['an empty subject', { sub: '' }, 'no subject'],
  ])('refuses %s', (_name, claims, reason) => {
    const failure = thrownFailure(() => readIdToken(aJwt({ ...CLAIMS, ...claims }), EXPECTED));
    expect(failure).toMatchObject({ code: 'PROVIDER_INVALID_RESPONSE', error: 'invalid_id_token', permanent: true });
    expect(failure.description).toContain(reason);
  });

  it.each(['none', 'None', 'NONE', '', 'HS1', 'RS256,none', 5, undefined])('refuses the algorithm %p', (alg) => {
    const failure = thrownFailure(() => readIdToken(aJwt(CLAIMS, { alg }), EXPECTED));
    expect(failure.description).toContain('algorithm');
  });

  it.each(['', 'opaque', 'a.b', 'a.b.c', 'eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn'])('refuses %p', (token) => {
    expect(thrownFailure(() => readIdToken(token, EXPECTED)).description).toContain('no signed JWT');
  });
});
