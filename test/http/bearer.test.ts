import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import jwt from 'jsonwebtoken';
import { SessionTokens } from '../../src/session/session-token.js';
import type { DataKeyRing } from '../../src/vault/data-key-ring.js';
import { unwrapDataKey } from '../../src/vault/data-key-wrapping.js';
import type { DataKeyEntity } from '../../src/vault/data-key.entity.js';
import { parseMasterKeys } from '../../src/vault/master-keys.js';
import { Vault } from '../../src/vault/vault.js';
import { MANAGER, TestHub } from '../support/hub.js';

let hub: TestHub;
let token: string;
beforeAll(async () => {
  hub = await TestHub.start();
  token = await hub.login(MANAGER);
});
afterAll(() => hub.stop());

/** @see RFC 6750 §3, RFC 9728 §5.1 */
const CHALLENGE =
  /^Bearer error="invalid_token", error_description="[^"\\]+", resource_metadata="http:\/\/localhost:4000\/.well-known\/oauth-protected-resource\/graphql"$/;

/** Where no bearer token was sent there is nothing wrong with it. @see RFC 6750 §3.1 */
const PLAIN_CHALLENGE = 'Bearer resource_metadata="http://localhost:4000/.well-known/oauth-protected-resource/graphql"';

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const claims = () => jwt.decode(token) as jwt.JwtPayload;
const header = () => jwt.decode(token, { complete: true })?.header as jwt.JwtHeader;

async function askWith(authorization: string): Promise<{ status: number; headers: Headers; body: unknown }> {
  const response = await fetch(`${hub.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: '{"query":"{ viewer { id } }"}',
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

describe('an Authorization header that proves nobody', () => {
  it.each<[string, () => string]>([
    ['garbage', () => 'Bearer garbage'],
    ['three parts of garbage', () => 'Bearer a.b.c'],
    ['an empty token', () => 'Bearer '],
    ['a token cut short', () => `Bearer ${token.slice(0, -2)}`],
    ['a token with another signature', () => `Bearer ${token.split('.', 2).join('.')}.${'A'.repeat(43)}`],
    [
      'a token with another user',
      () => `Bearer ${token.split('.')[0]}.${encode({ ...claims(), sub: 'usr_x' })}.${token.split('.')[2]}`,
    ],
    ['a token signed with nothing', () => `Bearer ${encode({ ...header(), alg: 'none' })}.${token.split('.')[1]}.`],
    ['a token signed by somebody else', () => `Bearer ${signedElsewhere()}`],
    [
      'a token of an expired time',
      () => `Bearer ${encode(header())}.${encode({ ...claims(), exp: 1 })}.${token.split('.')[2]}`,
    ],
    ['two tokens', () => `Bearer ${token} ${token}`],
    ['a token of another scheme', () => `Basic ${token}`],
    ['a token without a scheme', () => token],
    ['a name and a password', () => `Basic ${Buffer.from('a:b').toString('base64')}`],
    ['ten thousand characters', () => `Bearer ${'x'.repeat(10_000)}`],
  ])('as %s is answered with 401 and a challenge', async (_what, authorization) => {
    const { status, headers, body } = await askWith(authorization());

    expect(status).toBe(401);
    const challenge = headers.get('www-authenticate');
    if (authorization().startsWith('Bearer')) expect(challenge).toMatch(CHALLENGE);
    else expect(challenge).toBe(PLAIN_CHALLENGE);
    expect(body).toEqual({
      errors: [
        {
          message: expect.stringMatching(/refreshSession or login|correct or remove it/),
          extensions: { code: 'UNAUTHENTICATED' },
        },
      ],
    });
  });

  it('is answered so to a login too: the client must not believe that its token was read', async () => {
    const { status } = await hub.ask(
      'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }',
      { input: MANAGER },
      'garbage',
    );

    expect(status).toBe(401);
  });

  it('is refused when it comes twice', async () => {
    const status = await new Promise((resolve, reject) => {
      const sent = request(`${hub.url}/graphql`, { method: 'POST' }, (response) =>
        resolve(response.resume().statusCode),
      );
      sent.setHeader('content-type', 'application/json');
      sent.setHeader('authorization', [`Bearer ${token}`, 'Bearer garbage']);
      sent.on('error', reject).end('{"query":"{ viewer { id } }"}');
    });

    expect([200, 400, 401]).toContain(status);
  });

  it('that was right ten minutes ago is not right now', async () => {
    const { sub = '', sid } = claims();
    const issue = (ageMinutes: number) =>
      tokensOf(hub, ageMinutes).issue({ userId: sub, sessionId: String(sid) }).accessToken;

    const [live, expired] = [await askWith(`Bearer ${issue(9)}`), await askWith(`Bearer ${issue(11)}`)];

    expect([live.status, expired.status]).toEqual([200, 401]);
    expect(expired.headers.get('www-authenticate')).toMatch(CHALLENGE);
  });

  it('ends with its session', async () => {
    const short = await hub.login(MANAGER);
    await hub.ask('mutation { logout { user { id } } }', {}, short);

    const { status, headers } = await askWith(`Bearer ${short}`);

    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(CHALLENGE);
  });
});

describe('no Authorization header', () => {
  it('is served what anybody may have', async () => {
    expect(await hub.ask('{ viewer { id } }')).toMatchObject({ status: 200, data: { viewer: null }, errors: [] });
  });

  it.each([
    '{ clients { nodes { id } } }',
    '{ clients { nodes { id } } others: clients { nodes { id } } tokens { totalCount } }',
    'query { ...A } fragment A on Query { ...B ... on Query { tokens { totalCount } } } fragment B on Query { clients { totalCount } }',
    'mutation { deleteToken(input: { id: "tok_x" }) { userErrors { code } } }',
    '{ __schema { queryType { name } } }',
  ])('is answered with a plain challenge where nothing can be had without: %s', async (query) => {
    for (const accept of ['*/*', 'application/json', 'application/graphql-response+json']) {
      const { data, errors, headers, status } = await hub.ask(query, {}, undefined, { accept });

      expect([status, data, headers.get('www-authenticate')]).toEqual([401, undefined, PLAIN_CHALLENGE]);
      expect(errors).toMatchObject([
        {
          message: expect.stringMatching(/a person gets one by the login mutation, a machine at the token endpoint/),
          extensions: { code: 'UNAUTHENTICATED' },
        },
      ]);
    }
  });

  it.each([
    ['{ viewer { id } clients { totalCount } }', { viewer: null, clients: null }],
    [
      'query { ...A clients { totalCount } } fragment A on Query { __typename }',
      { __typename: 'Query', clients: null },
    ],
  ])('is served what can be had, the rest refused in its place: %s', async (query, data) => {
    const answer = await hub.ask(query);

    expect(answer).toMatchObject({ status: 200, data });
    expect(answer.errors).toMatchObject([{ path: ['clients'], extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  it('leaves a frontend its way in: nobody has a session to refresh yet', async () => {
    expect(await hub.ask('mutation { refreshSession { accessToken } }')).toMatchObject({
      status: 200,
      data: { refreshSession: null },
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });
});

function signedElsewhere(): string {
  const signed = `${encode(header())}.${encode(claims())}`;
  return `${signed}.${createHmac('sha256', 'another key').update(signed).digest('base64url')}`;
}

/** What signs the hub's tokens, at another time. */
function tokensOf({ config }: TestHub, ageMinutes: number): SessionTokens {
  if (config.database.kind !== 'sqlite') throw new TypeError('SQLite only');
  const connection = new BetterSqlite3(config.database.path, { readonly: true });
  const row = connection.prepare<[], DataKeyEntity>('SELECT * FROM data_key').get();
  connection.close();
  if (!row) throw new Error('The hub has no data key');
  const key = unwrapDataKey(parseMasterKeys(config.masterKeys?.reveal() ?? ''), row);
  const clock = { now: () => new Date(Date.now() - ageMinutes * 60_000) };
  const ring = { active: () => ({ ...row, key, supersededAt: null }) } as Partial<DataKeyRing> as DataKeyRing;
  return new SessionTokens(new Vault(ring, clock), clock, config.publicUrl);
}
