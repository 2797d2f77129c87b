import { describe, expect, it } from '@jest/globals';
import { redactedBody } from '../../src/oauth/redacted-body.js';
import { anAnswer } from './answers.js';

const shown = (body: unknown, secrets: readonly string[] = []): unknown =>
  JSON.parse(redactedBody(anAnswer(body), secrets));

describe('redactedBody', () => {
  it.each([
    [
      'a token answer',
      { access_token: 'abc', refresh_token: null, expires_in: 3600, scope: 'a b', token_type: 'Bearer', user_id: 12 },
      {
        access_token: '[string 3]',
        refresh_token: null,
        expires_in: 3600,
        scope: 'a b',
        token_type: 'Bearer',
        user_id: '[number 2]',
      },
    ],
    [
      'an error',
      { error: 'invalid_grant', error_description: 'gone', status: 400, error_uri: 'https://x', admin: true },
      {
        error: 'invalid_grant',
        error_description: 'gone',
        status: 400,
        error_uri: '[string 9]',
        admin: '[boolean 4]',
      },
    ],
    [
      'an error object',
      { error: { code: 190, message: 'gone', request: { code: 'c' }, access_token: 'abc' } },
      { error: { code: 190, message: 'gone', request: { code: '[string 1]' }, access_token: '[string 3]' } },
    ],
    [
      'a list of errors',
      { errors: [{ errorType: 'invalid_grant', message: 'gone', secret: 'abc' }] },
      { errors: [{ errorType: 'invalid_grant', message: 'gone', secret: '[string 3]' }] },
    ],
    [
      'a nested answer',
      { data: { access_token: 'abc', scope: ['a', 'b'], message: 'abc' } },
      { data: { access_token: '[string 3]', scope: ['a', 'b'], message: '[string 3]' } },
    ],
    ['a shown field that holds an object', { scope: { value: 'abc' } }, { scope: { value: '[string 3]' } }],
    ['lists', { keys: ['abc', { k: 'abc' }] }, { keys: ['[string 3]', { k: '[string 3]' }] }],
    ['what is deep', { a: { b: { c: { d: { e: 'abc' } } } } }, { a: { b: { c: { d: '[object 1]' } } } }],
    ['a form', 'access_token=abc&expires_in=60', { access_token: '[string 3]', expires_in: '60' }],
    ['HTML', '<p>abc', '[application/json, 6 bytes: the answer is HTML or XML, not JSON]'],
    ['nothing', '', '[application/json, 0 bytes: the answer is empty]'],
  ])('shows %s', (_name, body, expected) => {
    expect(shown(body)).toEqual(expected);
  });

  it('takes what was sent out of an error description, and control characters', () => {
    const body = { error: 'invalid_grant', error_description: 'bad hunter22\u001b[2J' };
    expect(shown(body, ['hunter22'])).toEqual({ error: 'invalid_grant', error_description: 'bad [redacted 8] [2J' });
  });

  it('takes a token out of a name', () => {
    expect(shown({ ['Zx9'.repeat(14)]: 1 })).toEqual({ '[redacted 42]': '[number 1]' });
  });

  it('is short whatever comes', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`field${index}`, 'x']));
    const wide = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`field${index}`, many]));
    expect(shown(many)).toMatchObject({ '…': '[450 more]' });
    expect(redactedBody(anAnswer(wide), []).length).toBe(8000);
  });
});
