import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Issuing, type Issued } from '../issuer/issuing.js';
import { describeEachDatabase } from '../support/databases.js';
import { TestHub } from '../support/hub.js';
import { runOutside } from '../support/outside.js';

const PUBLIC_URL = 'http://localhost:4000';
const OPENID = ['openid', 'profile', 'email'];
const ORDERS = {
  opaque: { scopes: OPENID },
  jwt: { scopes: OPENID, format: 'JWT' },
  bare: { scopes: ['openid'] },
  forTheApi: { scopes: OPENID, resource: [`${PUBLIC_URL}/graphql`] },
  byItself: { scopes: OPENID, byItself: true },
  withoutOpenId: { scopes: ['profile', 'email'] },
  jwtWithoutOpenId: { scopes: ['hub:read'], format: 'JWT' },
  elsewhere: { scopes: OPENID, resource: ['https://api.example.com'] },
  jwtElsewhere: { scopes: OPENID, resource: ['https://api.example.com'], format: 'JWT' },
  expired: { scopes: OPENID, lifetimeMs: -1_000 },
  jwtExpired: { scopes: OPENID, lifetimeMs: -1_000, format: 'JWT' },
  revoked: { scopes: OPENID },
  jwtRevoked: { scopes: OPENID, format: 'JWT' },
} as const;
type Name = keyof typeof ORDERS;

describeEachDatabase('/oauth/userinfo', (testDatabase) => {
  let hub: TestHub;
  let ada: string;
  let nobodys: Issued;
  const issued = new Map<Name, Issued>();

  beforeAll(async () => {
    const url = await testDatabase.freshUrl();
    const issuing = await Issuing.open(url, PUBLIC_URL);
    ada = await issuing.user('Ada', 'ada@example.com');
    for (const [name, order] of Object.entries(ORDERS)) {
      issued.set(name as Name, await issuing.issue({ ...order, userId: ada }));
    }
    nobodys = await issuing.issue({ scopes: OPENID });
    await issuing.close();
    hub = await TestHub.start({ databaseUrl: url });
    for (const name of ['revoked', 'jwtRevoked'] as const) {
      await runOutside(url, `UPDATE token SET revokedAt = '2026-01-01 00:00:00.000' WHERE id = '${of(name).tokenId}'`);
    }
  });
  afterAll(() => hub.stop());

  const of = (name: Name): Issued => issued.get(name) ?? { accessToken: '', refreshToken: null, tokenId: '' };
  const ask = (authorization?: string, init: RequestInit = {}, path = '/oauth/userinfo') =>
    fetch(hub.url + path, { ...init, headers: { ...init.headers, ...(authorization ? { authorization } : {}) } });
  const bearer = (name: Name) => `Bearer ${of(name).accessToken}`;

  it.each<[Name, object]>([
    ['opaque', { name: 'Ada', email: 'ada@example.com' }],
    ['jwt', { name: 'Ada', email: 'ada@example.com' }],
    ['forTheApi', { name: 'Ada', email: 'ada@example.com' }],
    ['bare', {}],
  ])('tells by scope who has logged in (%s)', async (name, claims) => {
    const answer = await ask(bearer(name));

    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toEqual({ sub: ada, ...claims });
  });

  it.each<[string, RequestInit]>([
    ['nothing', {}],
    ['an empty form', { body: '', headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['a form', { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['JSON', { body: '{}', headers: { 'content-type': 'application/json' } }],
  ])('answers a POST with %s alike', async (_what, init) => {
    const answer = await ask(bearer('bare'), { method: 'POST', ...init });

    expect([answer.status, await answer.json()]).toEqual([200, { sub: ada }]);
  });

  it.each<[string, string | undefined]>([
    ['no header', undefined],
    ['another scheme', 'Basic YTpi'],
    ['no token', 'Bearer '],
  ])('asks for a token where there is %s, and says no more', async (_what, authorization) => {
    const answer = await ask(authorization);

    expect([answer.status, answer.headers.get('www-authenticate'), await answer.text()]).toEqual([
      401,
      'Bearer realm="hub"',
      '',
    ]);
  });

  it('takes no token from the query or the body', async () => {
    const { accessToken } = of('opaque');

    const inQuery = await ask(undefined, {}, `/oauth/userinfo?access_token=${accessToken}`);
    const inBody = await ask(undefined, { method: 'POST', body: new URLSearchParams({ access_token: accessToken }) });

    expect([inQuery.status, inBody.status]).toEqual([401, 401]);
  });

  const refusals: [string, () => string][] = [
    ['an expired token', () => of('expired').accessToken],
    ['an expired JWT', () => of('jwtExpired').accessToken],
    ['a revoked token', () => of('revoked').accessToken],
    ['a revoked JWT', () => of('jwtRevoked').accessToken],
    ['a token for another server', () => of('elsewhere').accessToken],
    ['a JWT for another server', () => of('jwtElsewhere').accessToken],
    ['a token with another end', () => `${of('opaque').accessToken.slice(0, -1)}_`],
    ['two tokens', () => `${of('opaque').accessToken} ${of('opaque').accessToken}`],
    ['a word', () => 'token'],
  ];
  it.each(refusals)('refuses %s', async (_what, tokenOf) => {
    const answer = await ask(`Bearer ${tokenOf()}`);

    const body = (await answer.json()) as { error_description: string };
    expect(answer.status).toBe(401);
    expect(body).toEqual({ error: 'invalid_token', error_description: expect.any(String) });
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer realm="hub", error="invalid_token", error_description="${body.error_description}"`,
    );
  });

  it.each<[string, () => string]>([
    ['openid is not granted', () => of('withoutOpenId').accessToken],
    ['openid is not granted to a JWT', () => of('jwtWithoutOpenId').accessToken],
    ['nobody has logged in', () => nobodys.accessToken],
    ['the client acts as somebody by itself', () => of('byItself').accessToken],
  ])('asks for the scope where %s', async (_what, tokenOf) => {
    const answer = await ask(`Bearer ${tokenOf()}`);

    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toMatch(/error="insufficient_scope".*, scope="openid"$/);
  });

  describe('from a web page', () => {
    const origin = 'https://app.example.com';

    it('may be asked with a token by any, and never with a cookie', async () => {
      const preflight = await ask(undefined, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
      });
      const answer = await ask(bearer('bare'), { headers: { origin } });

      expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([204, 'authorization']);
      for (const { headers } of [preflight, answer]) {
        expect(headers.get('access-control-allow-origin')).toBe('*');
        expect(headers.get('access-control-allow-credentials')).toBeNull();
      }
    });
  });

  // The last one: it uses up what this address has.
  it('slows down an address that sends what can never have been a token, and serves what is right', async () => {
    const answers = await Promise.all(Array.from({ length: 101 }, () => ask('Bearer token')));

    const held = answers.find(({ status }) => status === 429);
    expect(held?.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await held?.json()).toEqual({
      error: 'temporarily_unavailable',
      error_description: expect.stringContaining('Wrong access tokens from one address'),
    });
    expect([(await ask(bearer('opaque'))).status, (await ask(bearer('expired'))).status]).toEqual([200, 401]);
  });
});
