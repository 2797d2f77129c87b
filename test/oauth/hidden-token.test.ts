import { expect, it } from '@jest/globals';
import { hiddenCredentials, mayHoldToken } from '../../src/oauth/hidden-token.js';
import { anAnswer } from './answers.js';

it.each([
  [{ payload: { access_token: 'A' } }, true],
  [{ accessToken: 'A' }, true],
  [{ token: 'A' }, true],
  [[{ result: [{ refresh_token: 'R' }] }], true],
  [{ access: 'A', refresh: 'R' }, true],
  ['accessToken=A&expires=3600', true],
  [{}, false],
  [{ token_type: 'Bearer', token_endpoint: 'https://id.example.com' }, false],
  [{ access_token: '', tokens: [] }, false],
  [{ message: 'the token service is being maintained' }, false],
  ['<html>token</html>', false],
  ['{"payload":{"access_token":"A', false],
  ['', false],
])('%j may hold a token: %s', (body, expected) => {
  expect(mayHoldToken(anAnswer(body as object))).toBe(expected);
});

it('is told of nested lists of any depth', () => {
  expect(mayHoldToken(anAnswer(`${'['.repeat(100_000)}{"token":"A"}${']'.repeat(100_000)}`))).toBe(true);
});

it.each([
  [{ payload: { access_token: 'A', refresh_token: 'R', token_type: 'Bearer' } }, 'A', 'R'],
  [[{ result: [{ accessToken: 'A' }] }], 'A', undefined],
  [{ tokens: { access: 'A', refresh: 'R' } }, 'A', 'R'],
  [{ token: 'A', refresh_token_hint: 'R' }, undefined, undefined],
  ['<html>access_token</html>', undefined, undefined],
])('in %j the access token is %s, and the refresh token %s', (body, accessToken, refreshToken) => {
  expect(hiddenCredentials(anAnswer(body as object))).toEqual({ accessToken, refreshToken });
});
