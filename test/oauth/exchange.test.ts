import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EgressError } from '../../src/connector/egress-error.js';
import { accessTokenLifetime } from '../../src/oauth/access-token-exp.js';
import { newAuthorizationBinding } from '../../src/oauth/authorization-binding.js';
import { egressFailure } from '../../src/oauth/egress-failure.js';
import { exchangeRecord } from '../../src/oauth/exchange-record.js';
import { readIdToken } from '../../src/oauth/id-token.js';
import { introspectionRequest, readIntrospection } from '../../src/oauth/introspection.js';
import { readRevocation, revocationRequest } from '../../src/oauth/revocation.js';
import { tokenRequest } from '../../src/oauth/token-request.js';
import { readUserinfo, userinfoRequest } from '../../src/oauth/userinfo.js';
import { startUpstream, type Upstream, UPSTREAM_API, UPSTREAM_PASSWORD } from '../support/upstream.js';
import { HubAtUpstream } from './hub-at-upstream.js';
import { failureOf } from './thrown-failure.js';

let upstream: Upstream;
let hub: HubAtUpstream;

beforeAll(async () => {
  upstream = await startUpstream();
  hub = new HubAtUpstream(upstream);
});

afterAll(async () => {
  expect(upstream.faults).toEqual([]);
  await upstream.stop();
});

describe('A code with PKCE at a real authorization server', () => {
  it.each(['basic', 'post', 'public'] as const)('gives a token to a client of the kind %s', async (kind) => {
    const client = upstream.clients[kind];

    const { answer, binding } = await hub.tokenByCode(client);

    expect(answer).toMatchObject({ tokenType: 'Bearer', scopes: ['openid', 'offline_access', 'email'] });
    expect(answer.lifetime).toEqual({ expiresInSeconds: 3600, rawExpiresIn: null, anomaly: false });
    expect(answer.refreshToken).toEqual(expect.any(String));
    const expected = { issuer: upstream.issuer, clientId: client.clientId, nonce: binding.nonce, now: new Date() };
    expect(readIdToken(answer.idToken ?? '', expected)).toEqual({ subject: 'ada', issuer: upstream.issuer });
    const userinfo = await hub.send(userinfoRequest(upstream.endpoints.userinfoEndpoint, answer.accessToken));
    expect(readUserinfo(userinfo, { receivedAt: new Date() })).toEqual({ subject: 'ada', email: 'ada@example.com' });
  });

  it('authenticates the client in one place only', async () => {
    await hub.tokenByCode(upstream.clients.basic);
    await hub.tokenByCode(upstream.clients.post);
    await hub.tokenByCode(upstream.clients.public);
    const calls = upstream.tokenCalls.slice(-3).map(({ authorization, contentType, parameters }) => ({
      scheme: authorization?.split(' ')[0],
      contentType,
      names: Object.keys(parameters).filter((name) => name.startsWith('client_')),
    }));
    const contentType = 'application/x-www-form-urlencoded';
    expect(calls).toEqual([
      { scheme: 'Basic', contentType, names: [] },
      { scheme: undefined, contentType, names: ['client_id', 'client_secret'] },
      { scheme: undefined, contentType, names: ['client_id'] },
    ]);
  });

  it('gives one for a resource, whose lifetime can be read from itself', async () => {
    const sentAt = new Date();
    const asked = { scopes: ['openid', 'api:read'], resource: [UPSTREAM_API] };
    const { answer } = await hub.tokenByCode(upstream.clients.basic, asked);

    expect(answer.scopes).toEqual(['api:read']);
    expect(accessTokenLifetime(answer.accessToken, sentAt)).toBeGreaterThanOrEqual(3599);
    expect(upstream.tokenCalls.at(-1)?.parameters.resource).toBe(UPSTREAM_API);
  });

  it('gives none a second time, and says so as a grant that is dead', async () => {
    const { codeGrant } = await hub.tokenByCode(upstream.clients.basic);
    const failure = await failureOf(hub.token(upstream.clients.basic, codeGrant));
    expect(failure).toMatchObject({ code: 'REAUTHORIZATION_REQUIRED', error: 'invalid_grant', httpStatus: 400 });
  });

  it('gives none with another verifier', async () => {
    const { grant } = await hub.consent(upstream.clients.basic);
    const { codeVerifier } = newAuthorizationBinding({ scopes: [], pkce: true });
    const failure = await failureOf(hub.token(upstream.clients.basic, { ...grant(), codeVerifier }));
    expect(failure.error).toBe('invalid_grant');
  });

  it('is not given when consent is denied', async () => {
    const { grant } = await hub.consent(upstream.clients.basic, {}, { deny: true });
    expect(grant).toThrow(expect.objectContaining({ code: 'PROVIDER_REJECTED', error: 'access_denied' }));
  });
});

describe('Other grants at a real authorization server', () => {
  it.each(['basic', 'post'] as const)('client credentials of the kind %s', async (kind) => {
    const asked = { scopes: ['api:read', 'api:write'], resource: [UPSTREAM_API] };
    const answer = await hub.token(upstream.clients[kind], { grantType: 'CLIENT_CREDENTIALS' }, asked);
    expect(answer).toMatchObject({ scopes: ['api:read', 'api:write'], refreshToken: undefined, idToken: undefined });
    expect(answer.lifetime.expiresInSeconds).toBe(3600);
  });

  it('password, right and wrong', async () => {
    const grant = { grantType: 'PASSWORD', username: 'ada', password: UPSTREAM_PASSWORD } as const;
    expect((await hub.token(upstream.clients.basic, grant)).accessToken).toEqual(expect.any(String));
    const failure = await failureOf(hub.token(upstream.clients.basic, { ...grant, password: 'no' }));
    expect(failure.error).toBe('invalid_grant');
  });

  it('a wrong secret concerns the client', async () => {
    const client = { ...upstream.clients.basic, clientSecret: 'wrong' };
    const failure = await failureOf(hub.token(client, { grantType: 'CLIENT_CREDENTIALS' }));
    expect(failure).toMatchObject({ error: 'invalid_client', clientLevel: true, httpStatus: 401, permanent: true });
  });

  it('a scope that the server does not give is missing among the granted ones', async () => {
    const asked = { scopes: ['api:read', 'api:everything'], resource: [UPSTREAM_API] };
    const answer = await hub.token(upstream.clients.basic, { grantType: 'CLIENT_CREDENTIALS' }, asked);
    expect(answer.scopes).toEqual(['api:read']);
  });
});

describe('A refresh at a real authorization server', () => {
  it.each(['basic', 'post', 'public'] as const)('rotates for a client of the kind %s', async (kind) => {
    const client = upstream.clients[kind];
    const { answer } = await hub.tokenByCode(client);
    const second = await hub.refresh(client, answer.refreshToken);
    const third = await hub.refresh(client, second.refreshToken);
    expect(new Set([answer, second, third].map(({ refreshToken }) => refreshToken)).size).toBe(3);
    expect(new Set([answer, second, third].map(({ accessToken }) => accessToken)).size).toBe(3);
    expect(upstream.tokenCalls.at(-1)?.parameters).not.toHaveProperty('scope');
  });

  it('with a refresh token that is spent ends the whole grant', async () => {
    const client = upstream.clients.basic;
    const { answer } = await hub.tokenByCode(client);
    const second = await hub.refresh(client, answer.refreshToken);
    expect((await failureOf(hub.refresh(client, answer.refreshToken))).code).toBe('REAUTHORIZATION_REQUIRED');
    expect((await failureOf(hub.refresh(client, second.refreshToken))).code).toBe('REAUTHORIZATION_REQUIRED');
  });

  it('twice at one instant succeeds once', async () => {
    const client = upstream.clients.basic;
    const { answer } = await hub.tokenByCode(client);
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => hub.refresh(client, answer.refreshToken)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('narrows the scopes only when asked to', async () => {
    const { answer } = await hub.tokenByCode(upstream.clients.basic);
    const narrowed = await hub.refresh(upstream.clients.basic, answer.refreshToken, { scopes: ['openid'] });
    expect(narrowed.scopes).toEqual(['openid']);
  });

  it('cannot widen them, which is refused in words', async () => {
    const { answer } = await hub.tokenByCode(upstream.clients.basic, { scopes: ['openid'] });
    const wider = { scopes: ['openid', 'email'] };
    const failure = await failureOf(hub.refresh(upstream.clients.basic, answer.refreshToken, wider));
    expect(failure).toMatchObject({ code: 'PROVIDER_REJECTED', error: 'invalid_scope', permanent: true });
    expect(failure.message).toBe(
      'The provider refused the request (invalid_scope: refresh token missing requested scope). ' +
        'Change what it objects to, then try again.',
    );
  });

  it('of which the answer is lost has an unknown outcome, and the refresh token is spent', async () => {
    const client = upstream.clients.basic;
    const { answer } = await hub.tokenByCode(client);
    upstream.loseNextTokenAnswer();
    const error: unknown = await hub.refresh(client, answer.refreshToken).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EgressError);
    expect(egressFailure(error as EgressError)).toMatchObject({
      outcomeUnknown: true,
      permanent: false,
      error: 'reset',
    });
    expect((await failureOf(hub.refresh(client, answer.refreshToken))).code).toBe('REAUTHORIZATION_REQUIRED');
  });

  it('does not reach the server while another one stands in', async () => {
    const before = upstream.tokenCalls.length;
    upstream.answerNextTokenRequest((_request, response) => response.writeHead(503, { 'retry-after': '7' }).end());
    const failure = await failureOf(hub.refresh(upstream.clients.basic, 'never seen'));
    expect(failure).toMatchObject({ httpStatus: 503, outcomeUnknown: true, retryAfterMs: 7000 });
    expect(upstream.tokenCalls).toHaveLength(before);
  });
});

describe('Revocation and introspection at a real authorization server', () => {
  it.each(['access_token', 'refresh_token'] as const)('end and show the end of the %s', async (tokenTypeHint) => {
    const client = upstream.clients.post;
    const { answer } = await hub.tokenByCode(client);
    const value = (tokenTypeHint === 'access_token' ? answer.accessToken : answer.refreshToken) ?? '';
    const common = { client, token: value, tokenTypeHint };
    const introspect = async () => {
      const request = introspectionRequest({
        ...common,
        introspectionEndpoint: upstream.endpoints.introspectionEndpoint,
      });
      return readIntrospection(await hub.send(request), { receivedAt: new Date(), countedFrom: new Date() });
    };
    const lifetimes = { access_token: 3600, refresh_token: 14 * 86_400 };
    const { active, expiresInSeconds } = await introspect();
    expect(active).toBe(true);
    expect(expiresInSeconds).toBeGreaterThan(lifetimes[tokenTypeHint] - 60);
    expect(expiresInSeconds).toBeLessThanOrEqual(lifetimes[tokenTypeHint]);

    const revoke = revocationRequest({ ...common, revocationEndpoint: upstream.endpoints.revocationEndpoint });
    expect(readRevocation(await hub.send(revoke), { receivedAt: new Date() })).toBe('REVOKED');

    expect(await introspect()).toEqual({ active: false, expiresInSeconds: null });
    expect(readRevocation(await hub.send(revoke), { receivedAt: new Date() })).toBe('REVOKED');
    const userinfo = hub.send(userinfoRequest(upstream.endpoints.userinfoEndpoint, answer.accessToken));
    const failure = await failureOf(userinfo.then((found) => readUserinfo(found, { receivedAt: new Date() })));
    expect(failure).toMatchObject({ code: 'PROVIDER_REJECTED', error: 'invalid_token', clientLevel: false });
  });

  it('refuse a client that cannot prove itself', async () => {
    const client = { ...upstream.clients.post, clientSecret: 'wrong' };
    const request = revocationRequest({
      revocationEndpoint: upstream.endpoints.revocationEndpoint,
      client,
      token: 'any',
      tokenTypeHint: 'access_token',
    });
    const failure = await failureOf(
      hub.send(request).then((found) => readRevocation(found, { receivedAt: new Date() })),
    );
    expect(failure).toMatchObject({ error: 'invalid_client', clientLevel: true });
  });
});

describe('The record of an exchange with a real authorization server', () => {
  it('shows what was sent and what came back, and no secret', async () => {
    const client = upstream.clients.post;
    const { answer } = await hub.tokenByCode(client);
    const grant = { grantType: 'REFRESH_TOKEN', refreshToken: answer.refreshToken ?? '' } as const;
    const request = tokenRequest({ provider: upstream.endpoints, client, grant });
    const response = await hub.send(request);
    const record = exchangeRecord({ request, answer: response, durationMs: 12.4 });

    const issued = JSON.parse(response.body) as Record<string, string>;
    const secrets = [client.clientSecret, answer.refreshToken, issued.access_token, issued.refresh_token];
    for (const secret of secrets) expect(JSON.stringify(record)).not.toContain(secret);
    expect(record.curl).toContain(`--data-urlencode 'client_secret=[redacted ${client.clientSecret?.length}]'`);
    expect(JSON.parse(record.responseBody ?? '')).toMatchObject({
      access_token: `[string ${issued.access_token?.length}]`,
      expires_in: 3600,
      token_type: 'Bearer',
    });
  });
});
