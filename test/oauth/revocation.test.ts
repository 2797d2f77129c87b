import { describe, expect, it } from '@jest/globals';
import { readRevocation, revocationRequest } from '../../src/oauth/revocation.js';
import { anAnswer, RECEIVED_AT } from './answers.js';
import { thrownFailure } from './thrown-failure.js';

const read = (status: number, body: unknown, retryAfter: string | null = null) =>
  readRevocation(anAnswer(body, { status, retryAfter }), { receivedAt: RECEIVED_AT });

describe('revocationRequest', () => {
  it('sends the token with its kind and the proof of the client', () => {
    const request = revocationRequest({
      revocationEndpoint: 'https://idp.example.com/revoke',
      client: { clientId: 'id', clientSecret: 's', tokenEndpointAuthMethod: 'CLIENT_SECRET_POST' },
      token: 'RT',
      tokenTypeHint: 'refresh_token',
    });
    expect(request).toMatchObject({ method: 'POST', url: 'https://idp.example.com/revoke' });
    expect(request.body).toBe('token=RT&token_type_hint=refresh_token&client_id=id&client_secret=s');
  });
});

describe('readRevocation', () => {
  it.each([
    [200, ''],
    [200, {}],
    [200, { ok: true, revoked: true }],
    [200, { code: 200, message: 'OK' }],
    [200, { message: 'The token was revoked' }],
    [200, '<html>revoked</html>'],
    [204, ''],
  ])('takes HTTP %d %j for revoked', (status, body) => {
    expect(read(status, body)).toBe('REVOKED');
  });

  it.each([
    [400, { error: 'invalid_token' }],
    [400, { error: 'invalid_grant' }],
    [200, { ok: false, error: 'token_revoked' }],
    [401, { error: 'token_expired' }],
  ])('takes HTTP %d %j for invalid before', (status, body) => {
    expect(read(status, body)).toBe('ALREADY_INVALID');
  });

  it.each([
    [400, { error: 'unsupported_token_type' }, { code: 'PROVIDER_REJECTED', permanent: true }],
    [401, { error: 'invalid_client' }, { code: 'PROVIDER_REJECTED', clientLevel: true }],
    [200, { ok: false, error: 'not_authed' }, { code: 'PROVIDER_REJECTED', permanent: true }],
    [404, '', { code: 'PROVIDER_REJECTED', permanent: true }],
    [302, '', { code: 'PROVIDER_INVALID_RESPONSE', permanent: true }],
    [503, '', { code: 'PROVIDER_UNREACHABLE', permanent: false, retryAfterMs: 30_000 }],
    [503, { error: 'invalid_token' }, { code: 'PROVIDER_UNREACHABLE', permanent: false }],
  ])('fails at HTTP %d %j', (status, body, expected) => {
    expect(thrownFailure(() => read(status, body, '30'))).toMatchObject(expected);
  });
});
