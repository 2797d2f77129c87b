import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { newValueText } from '../../src/issued-value/value-text.js';
import { describeEachDatabase } from '../support/databases.js';
import { type GraphQLAnswer, MANAGER, TestHub } from '../support/hub.js';
import { trailOf } from '../support/trail.js';
import { type Machine, Machines } from './machines.js';

const VIEWER = '{ viewer { id name } }';
const PAST = new Date(Date.now() - 1000);

function expectRefused(answer: GraphQLAnswer, status: number, error: string): void {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('www-authenticate')).toMatch(
    new RegExp(
      `^Bearer error="${error}", error_description="[^"\\\\]+", resource_metadata="http://localhost:4000/.well-known/oauth-protected-resource/graphql"$`,
    ),
  );
  expect(answer.errors).toEqual([
    { message: expect.any(String), extensions: { code: status === 403 ? 'FORBIDDEN' : 'UNAUTHENTICATED' } },
  ]);
}

describeEachDatabase('a machine at the API', (database) => {
  let machines: Machines;
  let machine: Machine;
  beforeAll(async () => {
    machines = await Machines.start(database);
  });
  beforeEach(async () => {
    machine = await machines.machine();
  });
  afterAll(() => machines.stop());

  const set = async (mutation: string, id: string, input: object) => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const { data, errors } = await machines.manager(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { userErrors { message } } }`,
      { input: { id, ...input } },
    );
    expect([data?.[mutation]?.userErrors, errors]).toEqual([[], []]);
  };

  it('acts as the user of its client', async () => {
    const { data, errors } = await machine.ask('{ viewer { id name roles } users(first: 1) { nodes { id } } }');

    expect(errors).toEqual([]);
    expect(data.viewer).toEqual({ id: machine.user.id, name: machine.user.name, roles: ['SYSTEM_MANAGER'] });
  });

  const ends: [what: string, end: (ended: Machine) => Promise<void>][] = [
    ['expired', ({ token }) => machines.change('token', token.id, 'expiresAt', PAST)],
    ['expired by itself', ({ token }) => setOfValue(token.id, 'expiresAt')],
    ['revoked', ({ token }) => set('revokeToken', token.id, {})],
    ['revoked by itself', ({ token }) => setOfValue(token.id, 'endsAt')],
    ['deleted', ({ token }) => machines.rows.query('DELETE FROM token WHERE id = ?', [token.id]).then(() => undefined)],
    ['disabled', ({ token }) => set('updateToken', token.id, { enabled: false })],
    ['of a disabled client', ({ client }) => set('updateClient', client.id, { enabled: false })],
    ['of a disabled user', ({ user }) => set('updateUser', user.id, { enabled: false })],
    ['of a disabled provider', () => machines.change('provider', machines.hubProviderId, 'enabled', 0)],
    ['of other resources only', ({ token }) => setResource(token.id, ['https://files.example.com/'])],
  ];
  const setOfValue = async (tokenId: string, column: string) => {
    const [value] = await machines.rows.query('SELECT id FROM issued_value WHERE tokenId = ?', [tokenId]);
    await machines.change('issued_value', String(value?.['id']), column, PAST);
  };
  const setResource = (tokenId: string, resource: string[]) =>
    machines.change('token', tokenId, 'resource', JSON.stringify(resource));

  it.each(ends)('is refused by the very next request when its token is %s', async (_what, end) => {
    expect((await machine.ask(VIEWER)).errors).toEqual([]);

    await end(machine);
    const answer = await machine.ask(VIEWER);

    await machines.change('provider', machines.hubProviderId, 'enabled', 1);
    expectRefused(answer, 401, 'invalid_token');
  });

  it('is served with a token for this API among other resources', async () => {
    await setResource(machine.token.id, ['https://files.example.com/', 'http://localhost:4000/graphql']);

    expect((await machine.ask(VIEWER)).data.viewer.id).toBe(machine.user.id);
  });

  it.each<[what: string, make: () => string | Promise<string>]>([
    ['with another checksum', () => `${machine.value.slice(0, -1)}${machine.value.endsWith('A') ? 'B' : 'A'}`],
    ['with a right checksum, and unknown', () => newValueText('accessToken')],
    ['of another kind', () => newValueText('refreshToken')],
    ['in other letters', () => machine.value.toUpperCase()],
    ['that is its id', () => machine.token.id],
    ['as a JWT that somebody else has signed', () => jwtOf('RS256', privateKey)],
    ['as a JWT that is signed with a word', () => jwtOf('HS256', 'secret')],
    ['as a JWT that nobody has signed', () => jwtOf('none', '')],
    ['of a session, with another type', async () => ofSession({ typ: 'at+jwt' })],
    ['of a session, with another algorithm', async () => ofSession({ alg: 'none' })],
  ])('is refused with a token %s', async (_what, make) => {
    expectRefused(await machines.hub.ask(VIEWER, {}, await make()), 401, 'invalid_token');
  });

  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwtOf = (algorithm: jwt.Algorithm, key: jwt.Secret) =>
    jwt.sign(
      { iss: 'http://localhost:4000', aud: 'http://localhost:4000/graphql', sub: machine.user.id, jti: machine.value },
      key,
      { algorithm, expiresIn: 60, header: { alg: algorithm, typ: 'at+jwt', kid: 'sgk_1' } },
    );
  const ofSession = async (changed: object) => {
    const [header = '', ...rest] = (await machines.hub.login(MANAGER)).split('.');
    const read = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
    return [Buffer.from(JSON.stringify({ ...read, ...changed })).toString('base64url'), ...rest].join('.');
  };

  it('is not recognised by a token in the address', async () => {
    const body = JSON.stringify({ query: VIEWER });
    const response = await fetch(`${machines.hub.url}/graphql?access_token=${machine.value}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });

    expect(await response.json()).toEqual({ data: { viewer: null } });
  });

  it.each<[what: string, change: (of: Machine) => Promise<void>]>([
    ['none', ({ client }) => machines.change('client', client.id, 'runAsId', null)],
    [
      'another user',
      async ({ client }) => machines.change('client', client.id, 'runAsId', (await machines.machine()).user.id),
    ],
    ['a user who is gone', ({ token }) => machines.change('token', token.id, 'userId', null)],
  ])('needs a new token when its client runs as %s', async (_what, change) => {
    await change(machine);

    expectRefused(await machine.ask(VIEWER), 401, 'invalid_token');
  });

  it('is forbidden everything as nobody', async () => {
    await machines.change('client', machine.client.id, 'runAsId', null);
    await machines.change('token', machine.token.id, 'userId', null);

    const answer = await machine.ask(VIEWER);

    expectRefused(answer, 403, 'insufficient_scope');
    expect(answer.errors[0]?.message).toContain('acts as no user');
  });

  it('acts for the person who consented, whomever its client runs as', async () => {
    const given = { client: { runAsId: null }, token: { grantType: 'AUTHORIZATION_CODE' as const } };
    const consented = await machines.machine(given);

    expect((await consented.ask(VIEWER)).data.viewer.id).toBe(consented.user.id);
    await set('deleteUser', consented.user.id, {});
    expectRefused(await consented.ask(VIEWER), 401, 'invalid_token');
  });

  it('does no more than its user may', async () => {
    const member = await machines.machine({ user: { roles: ['MEMBER'] } });

    const { data, errors } = await member.ask('{ auditEvents { totalCount } viewer { name } users { totalCount } }');

    expect(data).toEqual({ auditEvents: null, viewer: { name: member.user.name }, users: { totalCount: 1 } });
    expect(errors).toMatchObject([{ path: ['auditEvents'], extensions: { code: 'FORBIDDEN' } }]);
  });

  it('stands in the audit trail with its user and its client', async () => {
    const { client, token, user } = machine;

    await machine.ask(`mutation { updateToken(input: { id: "${token.id}", externalId: "x" }) { token { id } } }`);

    const [event] = await trailOf(machines.manager, token.id);
    expect(event).toMatchObject({
      action: 'TOKEN_UPDATED',
      actor: { id: user.id },
      actorName: `${user.name} via ${client.name}`,
      detail: { changed: ['externalId'], actingClientId: client.id },
    });
  });

  it('has idempotency keys of its own', async () => {
    const other = await machines.machine({ client: { runAsId: machine.user.id }, token: { userId: machine.user.id } });
    const create = `mutation { createProvider(input: { name: "Twice", key: "KEY", grantTypes: [CLIENT_CREDENTIALS], tokenEndpoint: "https://id.example.com/", idempotencyKey: "one" }) { provider { key } userErrors { code } } }`;

    const first = await machine.ask(create.replace('KEY', `first-${database.dialect}`));
    const second = await other.ask(create.replace('KEY', `second-${database.dialect}`));

    expect(first.data.createProvider.userErrors).toEqual([]);
    expect(second.data.createProvider.userErrors).toEqual([]);
  });
});

describe('access tokens that are none', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await TestHub.start();
  });
  afterAll(() => hub.stop());

  it('are held up by address after a hundred in a minute, and those that are right are not', async () => {
    const person = await hub.login(MANAGER);
    const wrong = () => hub.ask(VIEWER, {}, 'no-token-of-the-hub');
    const statuses = new Set((await Promise.all(Array.from({ length: 100 }, wrong))).map(({ status }) => status));

    const answer = await wrong();

    expect([...statuses]).toEqual([401]);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAt: expect.any(String) } }]);
    expect((await hub.ask(VIEWER, {}, person)).status).toBe(200);
  });
});
