import { describe, expect, it } from '@jest/globals';
import { MAX_LIFETIME_SECONDS } from '../../src/oauth/expires-in.js';
import { introspectionRequest, readIntrospection } from '../../src/oauth/introspection.js';
import { anAnswer, RECEIVED_AT, SENT_AT } from './answers.js';
import { thrownFailure } from './thrown-failure.js';

const NOW = SENT_AT.getTime() / 1000;
const read = (body: unknown, status = 200) =>
  readIntrospection(anAnswer(body, { status }), { receivedAt: RECEIVED_AT, countedFrom: SENT_AT });

describe('introspectionRequest', () => {
  it('sends the token with its kind and the proof of the client', () => {
    const request = introspectionRequest({
      introspectionEndpoint: 'https://idp.example.com/introspect',
      client: { clientId: 'id', clientSecret: 's', tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC' },
      token: 'AT',
      tokenTypeHint: 'access_token',
    });
    expect(request.body).toBe('token=AT&token_type_hint=access_token');
    expect(request.headers.authorization).toMatch(/^Basic /);
  });
});

describe('readIntrospection', () => {
  it.each([
    [
      { active: true, exp: NOW + 600 },
      { active: true, expiresInSeconds: 600 },
    ],
    [
      { active: true, exp: NOW * 10 },
      { active: true, expiresInSeconds: MAX_LIFETIME_SECONDS },
    ],
    [
      { active: true, exp: NOW - 1 },
      { active: true, expiresInSeconds: null },
    ],
    [
      { active: true, exp: 'x' },
      { active: true, expiresInSeconds: null },
    ],
    [{ active: true }, { active: true, expiresInSeconds: null }],
    [{ active: false }, { active: false, expiresInSeconds: null }],
  ])('reads %j', (body, expected) => {
    expect(read(body)).toEqual(expected);
  });

  it.each([
    [200, {}],
    [200, { active: 'true' }],
    [200, '<html>'],
    [401, { active: true }],
    [403, ''],
  ])('fails at HTTP %d %j', (status, body) => {
    expect(thrownFailure(() => read(body, status)).httpStatus).toBe(status);
  });
});
