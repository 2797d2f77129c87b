import { expect, it } from '@jest/globals';
import { mayHoldToken } from '../../src/oauth/hidden-token.js';
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
