import { describe, expect, it } from '@jest/globals';
import { checkReturnUrl } from '../../src/authorization/return-url.js';
import { UserError } from '../../src/errors.js';

const ALLOWED = ['https://app.example.com/connections', 'http://localhost:3000/'];

describe('checkReturnUrl', () => {
  it.each([
    'https://app.example.com/connections',
    'https://app.example.com/connections?tab=oauth#top',
    'https://app.example.com/connections/',
    'https://app.example.com/connections/new/one',
    'https://APP.example.com:443/connections',
    'http://localhost:3000',
    'http://localhost:3000/anything',
  ])('allows %s', (returnTo) => {
    expect(() => checkReturnUrl(returnTo, ALLOWED)).not.toThrow();
  });

  it.each([
    ['another path', 'https://app.example.com/'],
    ['a path that begins alike', 'https://app.example.com/connections-of-others'],
    ['a path that leaves the folder', 'https://app.example.com/connections/../admin'],
    ['the same with the dots encoded', 'https://app.example.com/connections/%2e%2e/admin'],
    ['a path in other letters', 'https://app.example.com/Connections'],
    ['plain http', 'http://app.example.com/connections'],
    ['another port', 'https://app.example.com:8443/connections'],
    ['a host below', 'https://evil.app.example.com/connections'],
    ['a host that begins alike', 'https://app.example.com.evil.example/connections'],
    ['a host behind a user name', 'https://app.example.com@evil.example/connections'],
    ['a user name', 'https://ada@app.example.com/connections'],
    ['a script', 'javascript:alert(1)'],
    ['data', 'data:text/html,hello'],
    ['a path alone', '/connections'],
    ['a host without scheme', '//app.example.com/connections'],
    ['nothing', ''],
  ])('refuses %s', (_case, returnTo) => {
    expect(() => checkReturnUrl(returnTo, ALLOWED)).toThrow(UserError);
  });

  it('says what is allowed, and who allows more', () => {
    expect(() => checkReturnUrl('https://evil.example/', ALLOWED)).toThrow(
      'Allowed are https://app.example.com/connections, http://localhost:3000/ and what is below. The operator sets HUB_RETURN_URLS.',
    );
    expect(() => checkReturnUrl('https://evil.example/', [])).toThrow('None is allowed yet.');
  });
});
