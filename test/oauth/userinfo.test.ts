import { describe, expect, it } from '@jest/globals';
import { readUserinfo, userinfoRequest } from '../../src/oauth/userinfo.js';
import { aJwt, anAnswer, RECEIVED_AT } from './answers.js';
import { thrownFailure } from './thrown-failure.js';

const read = (body: unknown, status = 200) => readUserinfo(anAnswer(body, { status }), { receivedAt: RECEIVED_AT });

describe('userinfoRequest', () => {
  it('carries the access token in the header', () => {
    expect(userinfoRequest('https://idp.example.com/me', 'AT')).toEqual({
      url: 'https://idp.example.com/me',
      method: 'GET',
      headers: { accept: 'application/json', authorization: 'Bearer AT' },
    });
  });
});

describe('readUserinfo', () => {
  it.each([
    [
      { sub: '1', email: 'a@example.com', name: 'Ada' },
      { subject: '1', email: 'a@example.com', name: 'Ada' },
    ],
    [
      { id: 8035443, nickname: 'ADA', email: null },
      { subject: '8035443', name: 'ADA' },
    ],
    [{ sub: 'a', id: 'b', user_id: 'c' }, { subject: 'a' }],
    [{ user_id: 'U1', ok: true }, { subject: 'U1' }],
    [{ account_id: 'dbid:1', name: { display_name: 'Ada' } }, { subject: 'dbid:1' }],
    [{ data: { id: '5', username: 'ada' } }, { subject: '5', name: 'ada' }],
    [
      { ok: true, user: { id: 'U1', name: 'Ada' } },
      { subject: 'U1', name: 'Ada' },
    ],
    ['{"id":12345678901234567890}', { subject: '12345678901234567890' }],
    [aJwt({ sub: 'signed' }), { subject: 'signed' }],
  ])('reads %j', (body, account) => {
    expect(read(body)).toEqual(account);
  });

  it.each([
    [200, { email: 'a@example.com' }, 'PROVIDER_INVALID_RESPONSE'],
    [200, { id: '' }, 'PROVIDER_INVALID_RESPONSE'],
    [200, { ok: false, error: 'invalid_auth' }, 'PROVIDER_REJECTED'],
    [200, '<html>', 'PROVIDER_INVALID_RESPONSE'],
    [401, { sub: '1', error: 'invalid_token' }, 'PROVIDER_REJECTED'],
    [401, '', 'PROVIDER_REJECTED'],
    [503, '', 'PROVIDER_UNREACHABLE'],
  ])('fails at HTTP %d %j', (status, body, code) => {
    const failure = thrownFailure(() => read(body, status));
    expect(failure).toMatchObject({ code, httpStatus: status, clientLevel: false });
  });
});
