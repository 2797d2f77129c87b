import { describe, expect, it } from '@jest/globals';
import { authenticateClient, type OAuthClient } from '../../src/oauth/client-authentication.js';

const BASIC: OAuthClient = { clientId: 'id', clientSecret: 'secret', tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC' };

describe('authenticateClient', () => {
  it.each([
    ['plain', 'my-client_1.0', 'a*b', 'my-client_1.0:a*b'],
    ['colons', 'a:b', 'c:d', 'a%3Ab:c%3Ad'],
    ['blanks and plus signs', 'a b', 'c+d', 'a+b:c%2Bd'],
    ['percent signs', '100%', '%41', '100%25:%2541'],
    ['beyond ASCII', 'jürgen', '密', 'j%C3%BCrgen:%E5%AF%86'],
    ['a URL as id', 'https://rp.example.com/', '&=#', 'https%3A%2F%2Frp.example.com%2F:%26%3D%23'],
  ])('with CLIENT_SECRET_BASIC encodes as a form, then base64, and sends nothing in the body: %s', (...row) => {
    const [, clientId, clientSecret, credentials] = row;
    const { headers, fields } = authenticateClient({ ...BASIC, clientId, clientSecret });
    expect(headers).toEqual({ authorization: `Basic ${Buffer.from(credentials).toString('base64')}` });
    expect(fields).toEqual([]);
  });

  it('with CLIENT_SECRET_POST sends both in the body and no header', () => {
    expect(authenticateClient({ ...BASIC, tokenEndpointAuthMethod: 'CLIENT_SECRET_POST' })).toEqual({
      headers: {},
      fields: [
        ['client_id', 'id'],
        ['client_secret', 'secret'],
      ],
    });
  });

  it('with NONE sends the id alone, whatever else is known', () => {
    expect(authenticateClient({ ...BASIC, tokenEndpointAuthMethod: 'NONE' })).toEqual({
      headers: {},
      fields: [['client_id', 'id']],
    });
  });

  it.each([
    ['CLIENT_SECRET_BASIC', undefined],
    ['CLIENT_SECRET_BASIC', ''],
    ['CLIENT_SECRET_POST', undefined],
  ] as const)('with %s refuses to go without a secret (%p)', (tokenEndpointAuthMethod, clientSecret) => {
    expect(() => authenticateClient({ clientId: 'id', tokenEndpointAuthMethod, clientSecret })).toThrow(
      expect.objectContaining({ code: 'REQUIRED', message: expect.stringContaining('set it on the client') }),
    );
  });

  it.each(['CLIENT_SECRET_JWT', 'PRIVATE_KEY_JWT'] as const)('says that %s is not offered', (method) => {
    expect(() => authenticateClient({ ...BASIC, tokenEndpointAuthMethod: method })).toThrow(
      expect.objectContaining({ code: 'NOT_SUPPORTED' }),
    );
  });
});
