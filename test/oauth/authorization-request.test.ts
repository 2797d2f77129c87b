import { describe, expect, it } from '@jest/globals';
import type { Parameter } from '../../src/provider/parameter.js';
import { authorizationUrl, type AuthorizationRequest } from '../../src/oauth/authorization-request.js';

const REQUEST: AuthorizationRequest = {
  provider: { authorizationEndpoint: 'https://idp.example.com/authorize', scopeSeparator: ' ' },
  clientId: 'id',
  redirectUri: 'https://hub.example.com:443/cb?x=1',
  binding: { state: 'the-state', nonce: null, codeVerifier: null },
};

const plain = (name: string, value: string): Parameter => ({ name, value, secret: false });

function parametersOf(changes: Partial<AuthorizationRequest>): [string, string][] {
  return [...new URL(authorizationUrl({ ...REQUEST, ...changes })).searchParams];
}

describe('authorizationUrl', () => {
  it('asks for a code with just what is needed', () => {
    expect(authorizationUrl(REQUEST)).toBe(
      'https://idp.example.com/authorize?response_type=code&client_id=id' +
        '&redirect_uri=https%3A%2F%2Fhub.example.com%3A443%2Fcb%3Fx%3D1&state=the-state',
    );
  });

  it('asks with everything', () => {
    const parameters = parametersOf({
      scopes: ['openid', 'a+b'],
      resource: ['https://a.example.com/', 'https://b.example.com/'],
      responseMode: 'form_post',
      binding: { state: 's', nonce: 'n', codeVerifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' },
      authorizationParameters: [plain('prompt', 'login'), plain('access_type', 'offline'), plain('prompt', 'consent')],
    });
    expect(parameters).toEqual([
      ['response_type', 'code'],
      ['response_mode', 'form_post'],
      ['client_id', 'id'],
      ['redirect_uri', 'https://hub.example.com:443/cb?x=1'],
      ['scope', 'openid a+b'],
      ['state', 's'],
      ['nonce', 'n'],
      ['code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'],
      ['code_challenge_method', 'S256'],
      ['resource', 'https://a.example.com/'],
      ['resource', 'https://b.example.com/'],
      ['prompt', 'consent'],
      ['access_type', 'offline'],
    ]);
  });

  it('writes a blank as %20 and a plus sign as %2B', () => {
    expect(authorizationUrl({ ...REQUEST, scopes: ['a+b', 'c'] })).toContain('&scope=a%2Bb%20c&');
  });

  it('joins scopes by the separator of the provider', () => {
    const provider = { ...REQUEST.provider, scopeSeparator: ',' };
    expect(parametersOf({ provider, scopes: ['a', 'b'] })).toContainEqual(['scope', 'a,b']);
  });

  it.each([
    ['?tenant=a%20b&flag', 'tenant=a%20b&flag&response_type=code'],
    ['?', 'response_type=code'],
    ['?client_id=other&tenant=1&state=other', 'tenant=1&response_type=code'],
    ['?prompt=none&tenant=1', 'prompt=none&tenant=1&response_type=code'],
    ['?%73tate=other', 'response_type=code'],
  ])('keeps what the endpoint has in its query, except what it sets itself: %s', (query, start) => {
    const provider = { ...REQUEST.provider, authorizationEndpoint: `https://idp.example.com/authorize${query}` };
    const url = authorizationUrl({ ...REQUEST, provider });
    expect(url).toContain(`https://idp.example.com/authorize?${start}`);
    expect(new URL(url).searchParams.getAll('state')).toEqual(['the-state']);
  });

  it('lets an extra parameter replace one in the query of the endpoint', () => {
    const provider = { ...REQUEST.provider, authorizationEndpoint: 'https://idp.example.com/authorize?prompt=none' };
    const parameters = parametersOf({ provider, authorizationParameters: [plain('prompt', 'consent')] });
    expect(parameters.filter(([name]) => name === 'prompt')).toEqual([['prompt', 'consent']]);
  });

  it.each([
    'response_type',
    'response_mode',
    'client_id',
    'client_secret',
    'redirect_uri',
    'scope',
    'state',
    'nonce',
    'code_challenge',
    'code_challenge_method',
    'resource',
    'request',
    'request_uri',
    'STATE',
  ])('lets no extra parameter override %s', (name) => {
    expect(parametersOf({ authorizationParameters: [plain(name, 'evil')] })).toEqual(parametersOf({}));
  });

  it('says what is missing when there is no endpoint', () => {
    const provider = { ...REQUEST.provider, authorizationEndpoint: null };
    expect(() => authorizationUrl({ ...REQUEST, provider })).toThrow(expect.objectContaining({ code: 'REQUIRED' }));
  });
});
