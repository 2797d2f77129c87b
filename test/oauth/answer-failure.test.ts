import { describe, expect, it } from '@jest/globals';
import { answerFailure } from '../../src/oauth/answer-failure.js';
import type { StoredAnswer } from '../../src/oauth/stored-answer.js';
import { anAnswer, RECEIVED_AT } from './answers.js';

const fail = (answer: StoredAnswer, clientAuthenticated?: boolean) =>
  answerFailure(answer, { receivedAt: RECEIVED_AT }, clientAuthenticated);

const REAUTHORISE = { code: 'REAUTHORIZATION_REQUIRED', permanent: true, clientLevel: false, outcomeUnknown: false };
const REJECTED = { code: 'PROVIDER_REJECTED', permanent: true, clientLevel: false, outcomeUnknown: false };
const CLIENT = { ...REJECTED, clientLevel: true };
const NOT_NOW = { code: 'PROVIDER_UNREACHABLE', permanent: false, clientLevel: false, outcomeUnknown: false };
const FAULT = { ...NOT_NOW, outcomeUnknown: true };
const INVALID = { code: 'PROVIDER_INVALID_RESPONSE', permanent: true, clientLevel: false, outcomeUnknown: false };

const AADSTS_EXPIRED =
  'AADSTS700082: The refresh token has expired due to inactivity. The token was issued on ' +
  '2026-05-01T10:11:12.1234567Z and was inactive for 90.00:00:00. ' +
  'Trace ID: 3f2504e0-4f89-11d3-9a0c-0305e82c3301';

describe('answerFailure', () => {
  it.each([
    [400, { error: 'invalid_grant' }, REAUTHORISE],
    [401, { error: 'invalid_grant' }, REAUTHORISE],
    [200, { error: 'INVALID_GRANT' }, REAUTHORISE],
    [400, { error: 'invalid_grant', error_description: AADSTS_EXPIRED, error_codes: [700082] }, REAUTHORISE],
    [400, { error: 'interaction_required', error_description: 'AADSTS50076: MFA', suberror: 'basic' }, REAUTHORISE],
    [400, { error: 'login_required' }, REAUTHORISE],
    [400, { error: 'consent_required' }, REAUTHORISE],
    [200, { error: 'bad_refresh_token' }, REAUTHORISE],
    [200, { ok: false, error: 'token_revoked' }, REAUTHORISE],
    [400, { errors: [{ errorType: 'invalid_grant', message: 'gone' }], success: false }, REAUTHORISE],
    [400, { error: { code: 'invalid_grant', type: 'oauth', message: 'gone' } }, REAUTHORISE],
    [200, { data: { error: 'invalid_grant' } }, REAUTHORISE],
    [401, { error: 'invalid_client' }, CLIENT],
    [400, { error: 'invalid_client' }, CLIENT],
    [400, { error: 'unauthorized_client' }, CLIENT],
    [401, { error: 'deleted_client' }, CLIENT],
    [200, { error: 'incorrect_client_credentials' }, CLIENT],
    [401, {}, CLIENT],
    [401, '', CLIENT],
    [401, '<html>', CLIENT],
    [401, { message: 'Unauthorized' }, CLIENT],
    [400, { error: 'invalid_request' }, REJECTED],
    [400, { error: 'invalid_scope' }, REJECTED],
    [400, { error: 'invalid_target' }, REJECTED],
    [400, { error: 'unsupported_grant_type' }, REJECTED],
    [403, { error: 'access_denied' }, REJECTED],
    [400, { error: 'something_of_their_own' }, REJECTED],
    [200, { errcode: 40029, errmsg: 'invalid code' }, REJECTED],
    [400, '<html>Bad Request</html>', REJECTED],
    [400, '', REJECTED],
    [403, 'Forbidden by the firewall', REJECTED],
    [404, 'Not Found', REJECTED],
    [405, '', REJECTED],
    [400, { error: 'temporarily_unavailable' }, NOT_NOW],
    [400, { error: 'slow_down' }, NOT_NOW],
    [200, { ok: false, error: 'ratelimited' }, NOT_NOW],
    [408, '', NOT_NOW],
    [425, '', NOT_NOW],
    [429, '', NOT_NOW],
    [429, { error: 'invalid_grant' }, NOT_NOW],
    [400, { error: 'server_error' }, FAULT],
    [200, { ok: false, error: 'internal_error' }, FAULT],
    [500, '', FAULT],
    [500, { error: 'invalid_grant' }, FAULT],
    [502, '<html>Bad Gateway</html>', FAULT],
    [503, { error: 'temporarily_unavailable' }, FAULT],
    [504, '', FAULT],
    [302, '', INVALID],
    [304, '', INVALID],
    [200, '<html>Log in</html>', { ...INVALID, outcomeUnknown: true }],
    [200, {}, { ...INVALID, outcomeUnknown: true }],
    [200, { message: 'welcome' }, { ...INVALID, outcomeUnknown: true }],
    [200, '', { ...INVALID, permanent: false, outcomeUnknown: true }],
    [204, '', { ...INVALID, permanent: false, outcomeUnknown: true }],
    [200, '{"access_token":"A', { ...INVALID, permanent: false, outcomeUnknown: true }],
  ])('judges HTTP %d %j', (status, body, judgement) => {
    expect(fail(anAnswer(body, { status }))).toMatchObject({ ...judgement, httpStatus: status });
  });

  it.each([
    [401, { error: 'invalid_token' }],
    [401, ''],
    [400, { error: 'invalid_grant' }],
    [403, { error: 'insufficient_scope' }],
  ])('of a request with a token never concerns the client or the grant: HTTP %d %j', (status, body) => {
    expect(fail(anAnswer(body, { status }), false)).toMatchObject(REJECTED);
  });

  it.each([
    [{ error: 'invalid_grant', error_description: 'gone', error_uri: 'https://idp.example.com/e' }, 'gone'],
    [{ error: 'invalid_grant', message: 'gone' }, 'gone'],
    [{ error: { code: 400, status: 'INVALID_ARGUMENT', message: 'gone' } }, 'gone'],
    [{ errors: ['gone'] }, 'gone'],
    [{ message: 'gone' }, 'gone'],
    [{ detail: 'gone', title: 'Bad Request' }, 'gone'],
    [{ error: 'invalid_grant' }, undefined],
    [{}, 'HTTP 400, application/json, 2 bytes: the fields that were asked for are not there'],
    ['<p>', 'HTTP 400, application/json, 3 bytes: the answer is HTML or XML, not JSON'],
  ])('finds the description in %j', (body, description) => {
    expect(fail(anAnswer(body, { status: 400 })).description).toBe(description);
  });

  it.each([
    [400, { error: 'invalid_grant' }, 'invalid_grant'],
    [400, { error: { code: 400, status: 'INVALID_ARGUMENT' } }, 'INVALID_ARGUMENT'],
    [400, { error: { code: 190, message: 'm' } }, '190'],
    [400, { error: { message: 'm' } }, 'error'],
    [400, { code: 'bad', message: 'm' }, 'bad'],
    [400, { code: 0, message: 'm' }, 'http_400'],
    [400, { message: 'm' }, 'http_400'],
    [200, { code: 200, message: 'OK' }, 'invalid_response'],
    [503, '', 'http_503'],
  ])('names HTTP %d %j', (status, body, error) => {
    expect(fail(anAnswer(body, { status })).error).toBe(error);
  });

  it.each([
    ['7', 7000],
    ['Sat, 21 Nov 2026 12:01:01 GMT', 60_000],
    [null, undefined],
  ])('tells how long to wait by Retry-After %p', (retryAfter, retryAfterMs) => {
    expect(fail(anAnswer('', { status: 503, retryAfter })).retryAfterMs).toBe(retryAfterMs);
  });

  it('keeps the trace id of the provider and takes out what was sent', () => {
    const body = { error: 'invalid_grant', error_description: `${AADSTS_EXPIRED} Token: top-secret-rt` };
    const context = { receivedAt: RECEIVED_AT, secrets: ['top-secret-rt'] };
    const { description, message } = answerFailure(anAnswer(body, { status: 400 }), context);
    expect(description).toBe(`${AADSTS_EXPIRED} Token: [redacted 13]`);
    expect(message).not.toContain('top-secret-rt');
  });
});
