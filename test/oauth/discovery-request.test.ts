import { describe, expect, it } from '@jest/globals';
import { checkIssuer, discoveryRequests } from '../../src/oauth/discovery-request.js';

describe('discoveryRequests', () => {
  it.each([
    [
      'https://idp.example.com',
      [
        'https://idp.example.com/.well-known/openid-configuration',
        'https://idp.example.com/.well-known/oauth-authorization-server',
      ],
    ],
    [
      'https://idp.example.com/',
      [
        'https://idp.example.com/.well-known/openid-configuration',
        'https://idp.example.com/.well-known/oauth-authorization-server',
      ],
    ],
    [
      'https://idp.example.com:8443/realms/a%20b/',
      [
        'https://idp.example.com:8443/realms/a%20b/.well-known/openid-configuration',
        'https://idp.example.com:8443/.well-known/oauth-authorization-server/realms/a%20b',
        'https://idp.example.com:8443/.well-known/openid-configuration/realms/a%20b',
      ],
    ],
  ])('asks for %s at these locations, in this order', (issuer, urls) => {
    expect(discoveryRequests(new URL(issuer)).map(({ url }) => url)).toEqual(urls);
  });
});

describe('checkIssuer', () => {
  it.each([
    ['https://idp.example.com/.well-known/openid-configuration', 'Give the issuer alone'],
    ['https://login.example.com/{tenantid}/v2.0', 'your own tenant'],
    ['https://login.example.com/%7Btenantid%7D/v2.0', 'your own tenant'],
    ['https://idp.example.com?tenant=1', 'no query'],
    ['https://idp.example.com#x', 'no query and no fragment'],
  ])('refuses %s', (issuer, reason) => {
    expect(() => checkIssuer(issuer)).toThrow(
      expect.objectContaining({ code: 'INVALID', message: expect.stringContaining(reason) }),
    );
  });
});
