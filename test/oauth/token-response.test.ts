import { describe, expect, it } from '@jest/globals';
import type { StoredAnswer } from '../../src/oauth/stored-answer.js';
import { readTokenAnswer } from '../../src/oauth/token-response.js';
import { anAnswer, CONTEXT } from './answers.js';
import { thrownFailure } from './thrown-failure.js';

const STANDARD = {
  access_token: 'AT',
  token_type: 'Bearer',
  expires_in: 3600,
  refresh_token: 'RT',
  scope: 'a b',
  id_token: 'IT',
};
const READ = {
  accessToken: 'AT',
  refreshToken: 'RT',
  idToken: 'IT',
  tokenType: 'Bearer',
  scopes: ['a', 'b'],
  lifetime: { expiresInSeconds: 3600, rawExpiresIn: null, anomaly: false },
  refreshTokenExpiresInSeconds: null,
  accountHints: {},
};
const FORM = 'access_token=AT&token_type=Bearer&expires_in=3600&refresh_token=RT&scope=a+b&id_token=IT';

describe('readTokenAnswer reads', () => {
  it.each<[string, StoredAnswer]>([
    ['the standard answer', anAnswer(STANDARD)],
    ['201', anAnswer(STANDARD, { status: 201 })],
    ['text/html as content type', anAnswer(STANDARD, { contentType: 'text/html; charset=utf-8' })],
    ['no content type', anAnswer(STANDARD, { contentType: null })],
    ['a byte order mark and blanks', anAnswer(`\uFEFF\n${JSON.stringify(STANDARD, null, 2)}\n\n`)],
    ['a form', anAnswer(FORM, { contentType: 'application/x-www-form-urlencoded' })],
    ['a form that calls itself text', anAnswer(`${FORM}\n`, { contentType: 'text/plain' })],
    ['blanks around the tokens', anAnswer({ ...STANDARD, access_token: ' AT\n', refresh_token: 'RT ' })],
    ['the lifetime as text', anAnswer({ ...STANDARD, expires_in: '3600' })],
    ['an error that is empty', anAnswer({ ...STANDARD, error: null, error_description: '' })],
    ['ok: true', anAnswer({ ...STANDARD, ok: true })],
    ['the answer under data', anAnswer({ message: 'success', data: STANDARD })],
    ['the answer under result', anAnswer({ success: true, result: STANDARD })],
    ['the answer under response', anAnswer({ response: STANDARD })],
    ['the answer under authed_user', anAnswer({ ok: true, scope: 'x', authed_user: STANDARD })],
    ['an empty token at the top', anAnswer({ access_token: '', data: STANDARD })],
  ])('%s', (_name, answer) => {
    expect(readTokenAnswer(answer, CONTEXT)).toEqual(READ);
  });

  it('an answer with nothing but an access token', () => {
    expect(readTokenAnswer(anAnswer({ access_token: 'AT' }), CONTEXT)).toEqual({
      accessToken: 'AT',
      refreshToken: undefined,
      idToken: undefined,
      tokenType: undefined,
      scopes: undefined,
      lifetime: { expiresInSeconds: null, rawExpiresIn: null, anomaly: false },
      refreshTokenExpiresInSeconds: null,
      accountHints: {},
    });
  });

  it('the top before anything nested', () => {
    const answer = anAnswer({ access_token: 'bot', authed_user: { access_token: 'user', refresh_token: 'RT' } });
    expect(readTokenAnswer(answer, CONTEXT)).toMatchObject({ accessToken: 'bot', refreshToken: undefined });
  });

  it('beside a nested answer what only the top says', () => {
    const answer = anAnswer({ expires_in: 60, scope: 'top', data: { access_token: 'AT', scope: 'nested' } });
    expect(readTokenAnswer(answer, CONTEXT)).toMatchObject({
      scopes: ['nested'],
      lifetime: { expiresInSeconds: 60 },
    });
  });

  it.each([
    ['absent', {}],
    ['null', { refresh_token: null }],
    ['empty', { refresh_token: '' }],
    ['"N/A"', { refresh_token: 'N/A' }],
    ['"n/a"', { refresh_token: 'n/a' }],
    ['"null"', { refresh_token: 'null' }],
    ['"undefined"', { refresh_token: 'undefined' }],
    ['blanks', { refresh_token: ' \t\n' }],
    ['false', { refresh_token: false }],
    ['a number', { refresh_token: 0 }],
    ['an object', { refresh_token: {} }],
  ])('no refresh token where it is %s', (_name, fields) => {
    expect(readTokenAnswer(anAnswer({ access_token: 'AT', ...fields }), CONTEXT).refreshToken).toBeUndefined();
  });

  it.each([
    ['a b', ' ', ['a', 'b']],
    ['a,b', ' ', ['a', 'b']],
    ['a, b', ' ', ['a', 'b']],
    ['a;b', ';', ['a', 'b']],
    ['a+b', '+', ['a', 'b']],
    ['a+b', ' ', ['a+b']],
    [['a', 'b'], ' ', ['a', 'b']],
    [['a b', 'c', 'a'], ' ', ['a', 'b', 'c']],
    [['a', null, 5], ' ', ['a']],
    ['https://x.example/auth/mail.read', ' ', ['https://x.example/auth/mail.read']],
    ['', ' ', undefined],
    ['  ', ' ', undefined],
    [[], ' ', undefined],
    [null, ' ', undefined],
    [{ a: true }, ' ', undefined],
  ])('the scope %j (separator %p) as %j', (scope, scopeSeparator, scopes) => {
    const answer = anAnswer({ access_token: 'AT', scope });
    expect(readTokenAnswer(answer, { ...CONTEXT, scopeSeparator }).scopes).toEqual(scopes);
  });

  it.each([
    [{ refresh_token_expires_in: 1_209_600 }, 1_209_600],
    [{ refresh_token_expires_in: '1209600' }, 1_209_600],
    [{ refresh_expires_in: 1800 }, 1800],
    [{ x_refresh_token_expires_in: 8_726_400 }, 8_726_400],
    [{ refresh_expires_in: 0 }, null],
    [{ refresh_token_expires_in: null, refresh_expires_in: 60 }, 60],
    [{}, null],
  ])('the life of the refresh token in %j', (fields, seconds) => {
    const answer = anAnswer({ access_token: 'AT', ...fields });
    expect(readTokenAnswer(answer, CONTEXT).refreshTokenExpiresInSeconds).toBe(seconds);
  });

  it.each([
    [{ user_id: 8035443 }, { subject: '8035443' }],
    [
      { account_id: 'dbid:1', email: 'ada@example.com' },
      { subject: 'dbid:1', email: 'ada@example.com' },
    ],
    [{ id: 'of the token' }, {}],
  ])('whose token it is in %j', (fields, accountHints) => {
    expect(readTokenAnswer(anAnswer({ access_token: 'AT', ...fields }), CONTEXT).accountHints).toEqual(accountHints);
  });

  it('account ids longer than a number holds', () => {
    const answer = anAnswer('{"access_token":"AT","user_id":17841405822304914}');
    expect(readTokenAnswer(answer, CONTEXT).accountHints).toEqual({ subject: '17841405822304914' });
  });

  it('tokens of 16 KB in an answer of 200 KB', () => {
    const [accessToken, refreshToken] = ['a'.repeat(16_384), 'r'.repeat(16_384)];
    const body = { access_token: accessToken, refresh_token: refreshToken, permissions: 'p'.repeat(170_000) };
    const answer = readTokenAnswer(anAnswer(body), CONTEXT);
    expect([answer.accessToken, answer.refreshToken]).toEqual([accessToken, refreshToken]);
  });

  it('the unit that the provider declares', () => {
    const answer = anAnswer({ access_token: 'AT', expires_in: 7_200_000 });
    const context = { ...CONTEXT, expiresInUnit: 'MILLISECONDS' } as const;
    expect(readTokenAnswer(answer, context).lifetime.expiresInSeconds).toBe(7200);
  });
});

describe('readTokenAnswer finds no token in', () => {
  it.each([
    ['an error in 200', { error: 'invalid_grant', error_description: 'gone' }, 'REAUTHORIZATION_REQUIRED'],
    ['an error object in 200', { error: { type: 'OAuthException', message: 'no' } }, 'PROVIDER_REJECTED'],
    ['ok: false', { ok: false, error: 'bad_client_secret' }, 'PROVIDER_REJECTED'],
    ['ok: false beside a token', { ok: false, access_token: 'AT' }, 'PROVIDER_REJECTED'],
    ['an empty object', {}, 'PROVIDER_INVALID_RESPONSE'],
    ['an access token that is null', { access_token: null }, 'PROVIDER_INVALID_RESPONSE'],
    ['an access token that is blank', { access_token: ' ' }, 'PROVIDER_INVALID_RESPONSE'],
    ['an access token that is an object', { access_token: { value: 'AT' } }, 'PROVIDER_INVALID_RESPONSE'],
    ['a list', [STANDARD], 'PROVIDER_INVALID_RESPONSE'],
    ['HTML', '<html>AT</html>', 'PROVIDER_INVALID_RESPONSE'],
    ['nothing', '', 'PROVIDER_INVALID_RESPONSE'],
    ['half an answer', JSON.stringify(STANDARD).slice(0, -20), 'PROVIDER_INVALID_RESPONSE'],
  ])('%s', (_name, body, code) => {
    const failure = thrownFailure(() => readTokenAnswer(anAnswer(body), CONTEXT));
    expect(failure.code).toBe(code);
    expect(JSON.stringify(failure) + failure.message).not.toMatch(/\bAT\b|\bRT\b/);
  });

  it.each([302, 400, 401, 403, 500])('HTTP %d, whatever is in it', (status) => {
    expect(thrownFailure(() => readTokenAnswer(anAnswer(STANDARD, { status }), CONTEXT)).httpStatus).toBe(status);
  });

  it('HTML, and says so with type and size', () => {
    const answer = anAnswer('<html>Wartung…</html>', { contentType: 'text/html;\r\n charset=utf-8' });
    expect(thrownFailure(() => readTokenAnswer(answer, CONTEXT)).message).toBe(
      "The provider's answer cannot be used (invalid_response: HTTP 200, text/html; charset=utf-8, 23 bytes: " +
        "the answer is HTML or XML, not JSON). Check the provider's endpoints and settings.",
    );
  });
});
