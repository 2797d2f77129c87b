import { describe, expect, it } from '@jest/globals';
import { accessTokenLifetime } from '../../src/oauth/access-token-exp.js';
import { MAX_LIFETIME_SECONDS } from '../../src/oauth/expires-in.js';
import { aJwt, SENT_AT } from './answers.js';

const NOW = SENT_AT.getTime() / 1000;

describe('accessTokenLifetime', () => {
  it.each([
    ['a JWT', aJwt({ exp: NOW + 600 }), 600],
    ['a JWT with a fraction', aJwt({ exp: NOW + 600.9 }), 600],
    ['a JWT beyond ten years', aJwt({ exp: NOW * 10 }), MAX_LIFETIME_SECONDS],
    ['a JWT that has expired', aJwt({ exp: NOW - 1 }), null],
    ['a JWT without exp', aJwt({ sub: 'ada' }), null],
    ['a JWT with exp as text', aJwt({ exp: 'tomorrow' }), null],
    ['a JWT that holds a list', aJwt([]), null],
    ['an encrypted JWT', 'eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn', null],
    ['three parts that are no JSON', 'a.b.c', null],
    ['an opaque token', 'opaque', null],
    ['nothing', '', null],
  ])('of %s', (_name, token, seconds) => {
    expect(accessTokenLifetime(token, SENT_AT)).toBe(seconds);
  });
});
