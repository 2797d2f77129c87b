import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accessRuleOf } from '../../src/graphql/guard-schema.js';
import { describedSchema } from '../../src/graphql/print-schema.js';
import { newId } from '../../src/ids.js';
import { saveHubClient } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import type { GraphQLAnswer } from '../support/hub.js';
import type { Machine } from './machines.js';
import { type Ids, ReachWorld } from './reach-world.js';

const schema = await describedSchema();

type Input = Record<string, unknown>;
interface OnRecord {
  kind: 'token' | 'client' | 'provider';
  input: (id: string) => Input;
}

const NEW = { name: 'new', grantType: 'CLIENT_CREDENTIALS' };
const PAST = '2020-01-01T00:00:00Z';

/** What each mutation takes that names a record. */
const MUTATIONS: Record<string, OnRecord | OnRecord[]> = {
  deleteToken: { kind: 'token', input: (id) => ({ id }) },
  refreshToken: { kind: 'token', input: (id) => ({ id }) },
  refreshTokens: { kind: 'token', input: (id) => ({ ids: [id] }) },
  resetToken: { kind: 'token', input: (id) => ({ id }) },
  retryTokenRequest: { kind: 'token', input: (id) => ({ id }) },
  revokeToken: { kind: 'token', input: (id) => ({ id }) },
  revokeTokens: { kind: 'token', input: (id) => ({ ids: [id] }) },
  startAuthorization: { kind: 'token', input: (tokenId) => ({ tokenId }) },
  updateToken: { kind: 'token', input: (id) => ({ id, enabled: false }) },
  deleteClient: { kind: 'client', input: (id) => ({ id, cascade: true }) },
  rotateClientSecret: { kind: 'client', input: (id) => ({ id, clientSecret: 'another', previousExpiresAt: PAST }) },
  updateClient: { kind: 'client', input: (id) => ({ id, enabled: false }) },
  deleteProvider: { kind: 'provider', input: (id) => ({ id, cascade: true }) },
  updateProvider: { kind: 'provider', input: (id) => ({ id, enabled: false }) },
  createClient: { kind: 'provider', input: (providerId) => ({ providerId, name: 'new', clientId: 'new' }) },
  importToken: { kind: 'provider', input: (providerId) => ({ name: 'new', refreshToken: 'x', providerId }) },
  requestToken: [
    { kind: 'provider', input: (providerId) => ({ ...NEW, providerId }) },
    { kind: 'client', input: (clientId) => ({ ...NEW, clientId, useProviderClient: false }) },
  ],
};
const cases = Object.entries(MUTATIONS).flatMap(([mutation, all]) =>
  [all].flat().map((each) => ({ mutation, ...each, name: `${mutation} of a ${each.kind}` })),
);

const FAR: Record<OnRecord['kind'], keyof Ids> = { token: 'farToken', client: 'farClient', provider: 'far' };

describe('the mutations', () => {
  it('are all known here, or not for limited machines', () => {
    const forLimited = Object.values(schema.getMutationType()?.getFields() ?? {})
      .filter((field) => accessRuleOf(field) === 'MANAGER')
      .map(({ name }) => name);

    expect(Object.keys(MUTATIONS).sort()).toEqual(forLimited.sort());
  });
});

describeEachDatabase('a mutation by a limited machine', (database) => {
  let world: ReachWorld;
  let byToken: Machine;
  let byProvider: Machine;
  beforeAll(async () => {
    world = await ReachWorld.start(database);
    byToken = await world.limited({ tokens: ['nearToken'] });
    byProvider = await world.limited({ providers: ['near'] });
  });
  afterAll(() => world.stop());

  const call = ({ ask }: Machine, mutation: string, input: Input): Promise<GraphQLAnswer> => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const isBulk = mutation.endsWith('Tokens');
    const selection = isBulk ? 'results { tokenId userErrors { code field message } }' : '__typename';
    return ask(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${selection} userErrors { code field message } } }`,
      { input },
    );
  };
  const said = ({ data, errors }: GraphQLAnswer, id: string) => JSON.stringify({ data, errors }).replaceAll(id, '(id)');
  const everything = async () => {
    const tables = ['token', 'client', 'client_secret', 'provider', 'revocation', 'exchange_attempt'];
    return Promise.all(tables.map((table) => world.machines.rows.query(`SELECT * FROM ${table} ORDER BY id`)));
  };

  /** A token of the hub whose value can be read again. */
  const issued = async (scopes: string[]): Promise<{ id: string; value: string }> => {
    const { manager } = world.machines;
    const { id: clientId } = await saveHubClient(manager, { tokenStorage: 'RECOVERABLE', scopes });
    const { data } = await manager(
      `mutation ($input: RequestTokenInput!) { requestToken(input: $input) { accessToken token { id } } }`,
      { input: { ...NEW, name: clientId, clientId } },
    );
    return { id: data.requestToken.token.id, value: data.requestToken.accessToken };
  };

  it.each(cases)('$name: what is far is as unknown as what does not exist', async ({ mutation, input, kind }) => {
    const far = world.ids[FAR[kind]];
    const unknown = newId(kind);
    const before = await everything();
    for (const machine of [byToken, byProvider]) {
      const answer = await call(machine, mutation, input(far));

      expect(said(answer, far)).toBe(said(await call(machine, mutation, input(unknown)), unknown));
      expect(said(answer, far)).toMatch(/NOT_FOUND|FORBIDDEN/);
    }
    expect(await everything()).toEqual(before);
  });

  it.each(['nearClient', 'near'] as const)('leaves the %s that only its token leads to alone', async (name) => {
    const [kind, id] = [name === 'near' ? 'provider' : 'client', world.ids[name]];
    const before = await everything();
    for (const { input, mutation } of cases.filter((each) => each.kind === kind))
      expect(said(await call(byToken, mutation, input(id)), id)).toMatch(/NOT_FOUND|FORBIDDEN/);
    expect(await everything()).toEqual(before);
  });

  it.each(['createClient', 'importToken', 'requestToken'])(
    'makes nothing new by %s when it is limited to tokens',
    async (mutation) => {
      const [made] = cases.filter((each) => each.mutation === mutation);
      const both = await world.limited({ tokens: ['nearToken'], providers: ['near'] });
      for (const machine of [byToken, both]) {
        const { data, errors } = await call(machine, mutation, made?.input(world.ids.near) ?? {});

        expect(data).toEqual({ [mutation]: null });
        expect(errors).toMatchObject([{ path: [mutation], extensions: { code: 'FORBIDDEN' } }]);
      }
    },
  );

  it('gives no token to a user whom it does not see', async () => {
    const input = { ...NEW, providerId: world.ids.near };
    const answers = [world.ids.person, newId('user')].map(async (userId) =>
      said(await call(byProvider, 'requestToken', { ...input, userId }), userId),
    );

    const [known, unknown] = await Promise.all(answers);

    expect(known).toBe(unknown);
    expect(known).toContain('NOT_FOUND');
  });

  it('does not issue tokens of the hub, nor change its clients, even when it is limited to the hub', async () => {
    const client = { allowedProviders: [world.machines.hubProviderId] };
    const machine = await world.machines.machine({ client });
    const providerId = world.machines.hubProviderId;
    const attempts: [string, Input][] = [
      ['createClient', { providerId, name: 'more', clientId: 'more', scopes: ['hub:secrets'] }],
      ['updateClient', { id: machine.client.id, scopes: ['hub:read'] }],
      ['rotateClientSecret', { id: machine.client.id, clientSecret: 'another' }],
      ['requestToken', { ...NEW, clientId: machine.client.id, useProviderClient: false }],
      ['updateProvider', { id: providerId, defaultScopes: ['hub:read'] }],
    ];
    for (const [mutation, input] of attempts) {
      const { errors } = await call(machine, mutation, input);
      expect([mutation, errors.map(({ extensions }) => extensions['code'])]).toEqual([mutation, ['FORBIDDEN']]);
    }
  });

  it('gives nobody a scope that it has not itself', async () => {
    const machine = await world.machines.machine({ scopes: ['hub:manage'] });
    const other = await world.machines.machine();
    const providerId = world.machines.hubProviderId;
    const attempts: [string, Input][] = [
      ['createClient', { providerId, name: 'more', clientId: 'more', scopes: ['hub:secrets'] }],
      ['updateClient', { id: machine.client.id, scopes: ['hub:secrets', 'hub:manage'] }],
      ['rotateClientSecret', { id: other.client.id, clientSecret: 'another' }],
      ['requestToken', { ...NEW, clientId: other.client.id, useProviderClient: false }],
      // The next client that is made without scopes gets those.
      ['updateProvider', { id: providerId, defaultScopes: ['hub:manage', 'hub:secrets'] }],
    ];
    for (const [mutation, input] of attempts) {
      const { errors } = await call(machine, mutation, input);
      expect([mutation, errors.map(({ extensions }) => extensions['error'])]).toEqual([
        mutation,
        ['insufficient_scope'],
      ]);
    }
    const { data } = await world.machines.manager('query ($id: ID!) { provider(id: $id) { defaultScopes } }', {
      id: providerId,
    });
    expect(data.provider.defaultScopes).toEqual([]);
  });

  it('shows in its answer nothing that is out of reach', async () => {
    const deep = `token { id user { id } client { id tokens { totalCount nodes { id } } provider { clients { nodes { id } } } }
      provider { base { id } defaultClient { id } clients { totalCount nodes { id tokens { nodes { id } } } } } }`;
    const update = `mutation { updateToken(input: { id: "${world.ids.nearToken}", externalId: "y" }) { ${deep} } }`;

    const { data, errors } = await byToken.ask(update);

    const { nearClient, nearToken } = world.ids;
    expect(errors).toEqual([]);
    expect(data.updateToken.token).toEqual({
      id: nearToken,
      user: null,
      client: {
        id: nearClient,
        tokens: { totalCount: 1, nodes: [{ id: nearToken }] },
        provider: { clients: { nodes: [] } },
      },
      provider: { base: null, defaultClient: null, clients: { totalCount: 0, nodes: [] } },
    });
  });

  it('reads no secret that serves other tokens too', async () => {
    const query = `{ token(id: "${world.ids.nearToken}") { client { clientSecret } provider { tokenParameters { name value } } } }`;

    const refused = await byToken.ask(query);
    const served = await byProvider.ask(query);

    expect(refused.errors.map(({ path }) => path?.join('.'))).toEqual([
      'token.client.clientSecret',
      'token.provider.tokenParameters.0.value',
    ]);
    expect(refused.errors.map(({ extensions }) => extensions['code'])).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    expect(refused.data.token).toEqual({
      client: { clientSecret: null },
      provider: { tokenParameters: [{ name: 'pin', value: null }] },
    });
    expect(served.data.token.client.clientSecret).toMatch(/^not a real secret/);
    expect(served.data.token.provider.tokenParameters).toEqual([{ name: 'pin', value: 'not a real parameter' }]);
  });

  it('reads the value of no token of the hub, even when it is limited to the hub', async () => {
    const { id } = await issued(['hub:read']);
    const machine = await world.machines.machine({ client: { allowedProviders: [world.machines.hubProviderId] } });
    const itself = await world.machines.machine({ client: { allowedTokens: [id] } });

    for (const { ask } of [machine, itself]) {
      const { data, errors } = await ask(`{ token(id: "${id}") { id accessToken } }`);

      expect(data).toEqual({ token: { id, accessToken: null } });
      expect(errors).toMatchObject([{ path: ['token', 'accessToken'], extensions: { code: 'FORBIDDEN' } }]);
    }
  });

  it('reads the value of no token of the hub that has a scope that it has not itself', async () => {
    const { id, value } = await issued(['hub:read', 'hub:manage', 'orders']);
    const read = async (scopes: string[]) => {
      const { ask } = await world.machines.machine({ scopes });
      const { data, errors } = await ask(
        `{ token(id: "${id}") { accessToken } nodes(ids: ["${id}"]) { ... on Token { accessToken } } }`,
      );
      return [data.token.accessToken, data.nodes[0].accessToken, errors.map(({ extensions }) => extensions)];
    };
    const lacks = { code: 'FORBIDDEN', error: 'insufficient_scope', scope: 'hub:manage' };

    expect(await read(['hub:read', 'hub:secrets'])).toMatchObject([null, null, [lacks, lacks]]);
    expect(await read(['hub:read', 'hub:secrets', 'hub:manage'])).toEqual([value, value, []]);
  });

  it('changes what is in reach', async () => {
    const inReach: [Machine, string, Input][] = [
      [byToken, 'updateToken', { id: world.ids.nearToken, externalId: 'z' }],
      [byProvider, 'updateToken', { id: world.ids.nearOtherToken, externalId: 'z' }],
      [byProvider, 'updateClient', { id: world.ids.nearClient, scopes: ['mail'] }],
      [byProvider, 'updateProvider', { id: world.ids.near, category: 'Mail' }],
      [byProvider, 'createClient', { providerId: world.ids.near, name: 'new', clientId: 'new', clientSecret: 'new' }],
    ];
    for (const [machine, mutation, input] of inReach) {
      const { data, errors } = await call(machine, mutation, input);
      expect([mutation, errors, data?.[mutation]?.userErrors]).toEqual([mutation, [], []]);
    }
  });
});
