import { describe, expect, it } from '@jest/globals';
import { answerLocation, isRegisteredRedirectUri } from '../../src/issuer/authorization-endpoint-redirect.js';

describe('a redirect URI', () => {
  it('is no longer by its port than a registered one may be', () => {
    const path = '/x'.padEnd(2048 - 'http://127.0.0.1'.length, 'x');
    const long = [`http://127.0.0.1${path}`, `http://127.0.0.1${path.slice(0, -6)}`];

    expect(isRegisteredRedirectUri(long, `http://127.0.0.1:51234${path}`)).toBe(false);
    expect(isRegisteredRedirectUri(long, `http://127.0.0.1:51234${path.slice(0, -6)}`)).toBe(true);
  });

  const registered = [
    'https://app.example.com/callback',
    'https://app.example.com/callback?a=1',
    'http://127.0.0.1/callback',
    'http://[::1]:8080/callback?x=/y',
    'http://localhost:3000/callback',
    'com.example.app:/callback',
  ];

  it.each([
    ...registered,
    'http://127.0.0.1:51234/callback',
    'http://127.0.0.1:1/callback',
    'http://[::1]/callback?x=/y',
    'http://[::1]:65535/callback?x=/y',
  ])('is %s', (redirectUri) => {
    expect(isRegisteredRedirectUri(registered, redirectUri)).toBe(true);
  });

  it.each([
    'https://app.example.com/callback/',
    'https://app.example.com/callback#',
    'https://app.example.com/callback?',
    'https://app.example.com/callback?a=1&b=2',
    'https://app.example.com/CALLBACK',
    'https://APP.example.com/callback',
    'https://app.example.com:443/callback',
    'https://app.example.com/./callback',
    'https://app.example.com/x/../callback',
    'https://app.example.com%2Fcallback',
    ' https://app.example.com/callback',
    'https://app.example.com/callback\n',
    'https://app.example.com.evil.example/callback',
    'https://app.example.com@evil.example/callback',
    'http://app.example.com/callback',
    '//app.example.com/callback',
    '/callback',
    'javascript:alert(1)//https://app.example.com/callback',
    'https://127.0.0.1:51234/callback',
    'http://127.0.0.1:51234/callback/more',
    'http://127.0.0.1:51234/',
    'http://127.0.0.1:99999/callback',
    'http://127.0.0.1:/callback',
    'http://127.0.0.1:80@evil.example/callback',
    'http://127.0.0.1:80.evil.example/callback',
    'http://127.0.0.1.evil.example/callback',
    'http://127.0.0.1@evil.example/callback',
    'http://127.0.0.2/callback',
    'http://localhost:3001/callback',
    'http://localhost/callback',
    'http://[::1]:8080/callback',
    'http://127.0.0.1:8080/callback?x=/y',
    'com.example.app://callback',
    '',
  ])('is not %j', (redirectUri) => {
    expect(isRegisteredRedirectUri(registered, redirectUri)).toBe(false);
  });
});

describe('the answer', () => {
  it.each([
    ['https://app.example.com/callback', 'https://app.example.com/callback?code=a+b&iss=i'],
    ['https://APP.example.com:443', 'https://APP.example.com:443?code=a+b&iss=i'],
    ['https://app.example.com/callback?x=1&x=%20', 'https://app.example.com/callback?x=1&x=%20&code=a+b&iss=i'],
    ['com.example.app:/callback', 'com.example.app:/callback?code=a+b&iss=i'],
  ])('leaves %s as it is', (redirectUri, location) => {
    expect(answerLocation(redirectUri, { code: 'a b', state: null, iss: 'i' })).toBe(location);
  });

  it('keeps a value one value', () => {
    const state = '&code=other#?=%00\r\nset-cookie: a=b ä"<';
    const location = answerLocation('https://app.example.com/', { state });

    expect(new URL(location).searchParams.get('state')).toBe(state);
    expect([...new URL(location).searchParams.keys()]).toEqual(['state']);
    expect(location).toMatch(/^[\x21-\x7e]+$/);
  });
});
