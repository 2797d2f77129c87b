import { describe, expect, it } from '@jest/globals';
import { codeChallenge, newAuthorizationBinding } from '../../src/oauth/authorization-binding.js';

describe('newAuthorizationBinding', () => {
  it('has 128 bits of state and nonce and 256 of verifier, new each time', () => {
    const options = { scopes: ['openid'], pkce: true };
    const [one, other] = [newAuthorizationBinding(options), newAuthorizationBinding(options)];
    expect(one.state).toMatch(/^[\w-]{22}$/);
    expect(one.nonce).toMatch(/^[\w-]{22}$/);
    expect(one.codeVerifier).toMatch(/^[\w-]{43}$/);
    const all = [one, other].flatMap(({ state, nonce, codeVerifier }) => [state, nonce, codeVerifier]);
    expect(new Set(all).size).toBe(6);
  });

  it.each([
    [['profile'], true, { nonce: null, codeVerifier: expect.any(String) }],
    [['openid'], false, { nonce: expect.any(String), codeVerifier: null }],
    [[], false, { nonce: null, codeVerifier: null }],
  ])('for scopes %p and PKCE %p', (scopes, pkce, expected) => {
    expect(newAuthorizationBinding({ scopes, pkce })).toMatchObject(expected);
  });
});

describe('codeChallenge', () => {
  it('is that of RFC 7636 Appendix B', () => {
    expect(codeChallenge('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    );
  });
});
