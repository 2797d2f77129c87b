import { describe, expect, it } from '@jest/globals';
import { redirectUriProblems } from '../../src/client/redirect-uri-rules.js';

describe('redirectUriProblems', () => {
  it.each([
    'https://app.example.com/callback',
    'https://app.example.com',
    'HTTPS://APP.example.com:8443/callback?from=hub&x=%20',
    'https://[2001:db8::1]/callback',
    'http://localhost/callback',
    'http://127.0.0.1:49152/callback',
    'http://[::1]:8080/',
    'com.example.app:/oauth',
    'com.example.app://callback',
  ])('finds nothing wrong with %s', (uri) => {
    expect(redirectUriProblems([uri])).toEqual([]);
  });

  it.each([
    ['an empty text', '', 'absolute URI'],
    ['a path', '/callback', 'absolute URI'],
    ['a blank', 'https://app.example.com/a b', 'absolute URI'],
    ['a line break', 'https://app.example.com/\n', 'absolute URI'],
    ['a backslash', 'https:\\\\app.example.com', 'absolute URI'],
    ['letters beyond ASCII', 'https://käse.example.com/', 'absolute URI'],
    ['a fragment', 'https://app.example.com/#x', 'fragment'],
    ['an empty fragment', 'https://app.example.com/#', 'fragment'],
    ['a user', 'https://app.example.com@evil.example.net/', 'user'],
    ['a user and a password', 'https://a:b@app.example.com/', 'user'],
    ['a wildcard', 'https://*.example.com/callback', 'wildcards'],
    ['one slash', 'https:/app.example.com', 'two slashes'],
    ['no slash', 'https:app.example.com', 'two slashes'],
    ['three slashes', 'https:///app.example.com', 'two slashes'],
    ['http elsewhere', 'http://app.example.com/callback', 'use https'],
    ['http to a host that begins like this machine', 'http://localhost.example.com/', 'use https'],
    ['http to all addresses', 'http://0.0.0.0/', 'use https'],
    ['a script', 'javascript:alert(1)', 'scheme with a dot'],
    ['data', 'data:text/html,x', 'scheme with a dot'],
    ['a scheme without a dot', 'myapp://callback', 'scheme with a dot'],
    ['a file', 'file:///etc/passwd', 'scheme with a dot'],
    ['too many characters', `https://app.example.com/${'x'.repeat(2048)}`, '2048'],
  ])('says what is wrong with %s', (_what, uri, mention) => {
    const problems = redirectUriProblems(['https://app.example.com/', uri]);

    expect(problems).toEqual([
      { code: 'INVALID', field: ['redirectUris', '1'], message: expect.stringContaining(mention) },
    ]);
  });

  it('names each that is wrong, and no more than twenty', () => {
    const wrong = redirectUriProblems(['x', 'https://app.example.com/', 'y']);
    const many = Array.from({ length: 21 }, (_, index) => `https://app.example.com/${index}`);

    expect(wrong.map(({ field }) => field?.[1])).toEqual(['0', '2']);
    expect(redirectUriProblems(many)).toEqual([
      { code: 'INVALID', field: ['redirectUris'], message: expect.stringContaining('20') },
    ]);
    expect(redirectUriProblems(many.slice(1))).toEqual([]);
  });
});
