import { describe, expect, it } from '@jest/globals';
import type { Parameter } from '../../src/provider/parameter.js';
import { tokenRequest, type TokenGrant, type TokenRequest } from '../../src/oauth/token-request.js';

const REQUEST: TokenRequest = {
  provider: { tokenEndpoint: 'https://idp.example.com/token', refreshEndpoint: null, scopeSeparator: ' ' },
  client: { clientId: 'id', clientSecret: 'secret', tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC' },
  grant: { grantType: 'CLIENT_CREDENTIALS' },
};
const CODE = {
  grantType: 'AUTHORIZATION_CODE',
  code: 'the code',
  redirectUri: 'https://hub.example.com/cb',
  codeVerifier: 'v',
} as const;
const REFRESH = { grantType: 'REFRESH_TOKEN', refreshToken: 'rt' } as const;

const plain = (name: string, value: string): Parameter => ({ name, value, secret: false });

function fieldsOf(changes: Partial<TokenRequest>): [string, string][] {
  return [...new URLSearchParams(tokenRequest({ ...REQUEST, ...changes }).body)];
}

describe('tokenRequest', () => {
  it.each<[string, TokenGrant, [string, string][]]>([
    [
      'a code with its verifier',
      CODE,
      [
        ['grant_type', 'authorization_code'],
        ['code', 'the code'],
        ['redirect_uri', 'https://hub.example.com/cb'],
        ['code_verifier', 'v'],
      ],
    ],
    [
      'a code without PKCE',
      { ...CODE, codeVerifier: null },
      [
        ['grant_type', 'authorization_code'],
        ['code', 'the code'],
        ['redirect_uri', 'https://hub.example.com/cb'],
      ],
    ],
    ['client credentials', { grantType: 'CLIENT_CREDENTIALS' }, [['grant_type', 'client_credentials']]],
    [
      'a password',
      { grantType: 'PASSWORD', username: 'ada@example.com', password: 'p&=ß' },
      [
        ['grant_type', 'password'],
        ['username', 'ada@example.com'],
        ['password', 'p&=ß'],
      ],
    ],
    [
      'a refresh token',
      REFRESH,
      [
        ['grant_type', 'refresh_token'],
        ['refresh_token', 'rt'],
      ],
    ],
  ])('sends %s as a form', (_name, grant, fields) => {
    const request = tokenRequest({ ...REQUEST, grant });
    expect(request).toMatchObject({ method: 'POST', url: 'https://idp.example.com/token' });
    expect(request.headers).toEqual({
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from('id:secret').toString('base64')}`,
    });
    expect([...new URLSearchParams(request.body)]).toEqual(fields);
  });

  it.each<[string, TokenGrant, string]>([
    ['a refresh', REFRESH, 'https://idp.example.com/refresh'],
    ['a code', CODE, 'https://idp.example.com/token'],
    ['client credentials', { grantType: 'CLIENT_CREDENTIALS' }, 'https://idp.example.com/token'],
  ])('sends %s where the provider wants it when its refresh endpoint differs', (_name, grant, url) => {
    const provider = { ...REQUEST.provider, refreshEndpoint: 'https://idp.example.com/refresh' };
    expect(tokenRequest({ ...REQUEST, provider, grant }).url).toBe(url);
  });

  it.each([
    [' ', 'a b'],
    [',', 'a,b'],
    ['+', 'a+b'],
  ])('joins scopes by %p', (scopeSeparator, scope) => {
    const provider = { ...REQUEST.provider, scopeSeparator };
    expect(fieldsOf({ provider, scopes: ['a', 'b'] })).toContainEqual(['scope', scope]);
    expect(fieldsOf({ provider, scopes: ['a', 'b'], grant: REFRESH })).toContainEqual(['scope', scope]);
  });

  it('sends no scope with a code, nor where none is asked for', () => {
    const all = [fieldsOf({ grant: CODE, scopes: ['a'] }), fieldsOf({ grant: REFRESH }), fieldsOf({ scopes: [] })];
    expect(all.flat().filter(([name]) => name === 'scope')).toEqual([]);
  });

  it('repeats the resource and adds the extra parameters', () => {
    const fields = fieldsOf({
      resource: ['https://a.example.com/', 'https://b.example.com/'],
      tokenParameters: [plain('audience', 'first'), plain('tenant', '1'), plain('audience', 'last')],
    });
    expect(fields).toEqual([
      ['grant_type', 'client_credentials'],
      ['resource', 'https://a.example.com/'],
      ['resource', 'https://b.example.com/'],
      ['audience', 'last'],
      ['tenant', '1'],
    ]);
  });

  it.each([
    'grant_type',
    'client_id',
    'client_secret',
    'client_assertion',
    'code',
    'code_verifier',
    'redirect_uri',
    'refresh_token',
    'resource',
    'scope',
    'username',
    'password',
    'Client_ID',
    'GRANT_TYPE',
    ' scope ',
  ])('lets no extra parameter override %p', (name) => {
    expect(fieldsOf({ tokenParameters: [plain(name, 'evil')] })).toEqual([['grant_type', 'client_credentials']]);
  });

  it('keeps the query of the endpoint', () => {
    const provider = { ...REQUEST.provider, tokenEndpoint: 'https://idp.example.com/token?tenant=a%20b' };
    expect(tokenRequest({ ...REQUEST, provider }).url).toBe('https://idp.example.com/token?tenant=a%20b');
  });

  it('says what is missing when there is no endpoint', () => {
    const provider = { ...REQUEST.provider, tokenEndpoint: null };
    expect(() => tokenRequest({ ...REQUEST, provider })).toThrow(
      expect.objectContaining({ code: 'REQUIRED', message: expect.stringContaining('set its tokenEndpoint') }),
    );
  });
});
