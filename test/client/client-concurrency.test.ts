import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { aClient, saveClient, saveHubClient, saveProvider } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { type Ask, TestHub } from '../support/hub.js';
import { runOutside } from '../support/outside.js';
import { trailOf } from '../support/trail.js';

const ROUNDS = [1, 2, 3];

describeEachDatabase('clients that several callers change at once', (testDatabase) => {
  let hub: TestHub;
  let manager: Ask;
  let provider: { id: string };
  let databaseUrl: string;

  beforeAll(async () => {
    databaseUrl = await testDatabase.freshUrl();
    hub = await TestHub.start({ databaseUrl });
    manager = await hub.asManager();
  });
  beforeEach(async () => {
    provider = await saveProvider(manager);
  });
  afterAll(() => hub.stop());

  /** The codes of `userErrors`; empty for a call that succeeded. A fault of the hub fails the test. */
  const run = async (field: string, input: object): Promise<string[]> => {
    const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
    const { data, errors } = await manager(
      `mutation ($input: ${type}!) { ${field}(input: $input) { userErrors { code } } }`,
      { input },
    );
    expect(errors).toEqual([]);
    return data[field].userErrors.map(({ code }: any) => code as string);
  };
  const clientsOf = async () => {
    const { data } = await manager(
      `query ($id: ID!) { provider(id: $id) { defaultClient { id } clients(first: 100) { totalCount nodes { id isDefault } } } }`,
      { id: provider.id },
    );
    return data.provider;
  };

  it.each(ROUNDS)('have one default client at most, however many are made (round %i)', async () => {
    const wishes = [undefined, true, undefined, true, false, undefined];

    const codes = await Promise.all(
      wishes.map((isDefault) => run('createClient', aClient(provider.id, { isDefault }))),
    );

    const state = await clientsOf();
    const made = codes.filter((each) => each.length === 0).length;
    expect(codes.flat().every((code) => code === 'CONFLICT')).toBe(true);
    expect(state.clients.totalCount).toBe(made);
    expect(state.clients.nodes.filter(({ isDefault }: any) => isDefault)).toHaveLength(1);
    expect(state.clients.nodes).toContainEqual({ id: state.defaultClient.id, isDefault: true });
  });

  it.each(ROUNDS)('have one default client, however many are chosen (round %i)', async () => {
    const clients = [];
    for (let made = 0; made < 4; made += 1) clients.push(await saveClient(manager, provider.id));

    const codes = await Promise.all([
      ...clients.map(({ id }) => run('updateProvider', { id: provider.id, defaultClientId: id })),
      run('createClient', aClient(provider.id, { isDefault: true })),
    ]);

    const state = await clientsOf();
    expect(codes.flat().every((code) => code === 'CONFLICT')).toBe(true);
    expect(codes.some((each) => each.length === 0)).toBe(true);
    expect(state.clients.nodes.filter(({ isDefault }: any) => isDefault)).toEqual([
      { id: state.defaultClient.id, isDefault: true },
    ]);
  });

  it.each(ROUNDS)('have one client id once (round %i)', async () => {
    const codes = await Promise.all(
      [1, 2, 3, 4].map(() => run('createClient', aClient(provider.id, { clientId: 'wanted', isDefault: false }))),
    );

    expect(codes.filter((each) => each.length === 0)).toHaveLength(1);
    expect(codes.flat()).toEqual(['TAKEN', 'TAKEN', 'TAKEN']);
  });

  it.each(ROUNDS)('have two live secrets at most, however many rotate (round %i)', async () => {
    const client = await saveClient(manager, provider.id);

    const codes = await Promise.all(
      [1, 2, 3, 4].map((each) =>
        run('rotateClientSecret', { id: client.id, clientSecret: `not a real secret ${each}` }),
      ),
    );

    const rotated = codes.filter((each) => each.length === 0).length;
    expect(codes.flat().every((code) => code === 'CONFLICT')).toBe(true);
    expect(rotated).toBeGreaterThan(0);
    expect(await trailOf(manager, client.id)).toHaveLength(1 + rotated);
    const { data } = await manager('query ($id: ID!) { client(id: $id) { clientSecret previousClientSecretHint } }', {
      id: client.id,
    });
    expect(data.client.clientSecret).toMatch(/^not a real secret \d$/);
    expect(data.client.previousClientSecretHint).not.toBeNull();
    expect(await runOutside(databaseUrl, `SELECT id FROM client_secret WHERE clientId = '${client.id}'`)).toHaveLength(
      2,
    );
  });

  it.each(ROUNDS)('are deleted once (round %i)', async () => {
    const client = await saveClient(manager, provider.id);

    const codes = await Promise.all([
      run('deleteClient', { id: client.id, cascade: true }),
      run('deleteClient', { id: client.id, cascade: true }),
      run('updateClient', { id: client.id, name: 'Renamed' }),
      run('rotateClientSecret', { id: client.id, clientSecret: 'not a real secret' }),
    ]);

    const trail = await trailOf(manager, client.id);
    expect(codes.flat().every((code) => ['NOT_FOUND', 'CONFLICT'].includes(code))).toBe(true);
    expect(trail.filter(({ action }) => action === 'CLIENT_DELETED')).toHaveLength(1);
    expect(trail.at(-1)?.action).toBe('CLIENT_DELETED');
  });

  it.each(ROUNDS)('never outlive their provider (round %i)', async () => {
    const codes = await Promise.all([
      run('createClient', aClient(provider.id)),
      run('deleteProvider', { id: provider.id, cascade: true }),
      run('createClient', aClient(provider.id)),
      run('deleteProvider', { id: provider.id, cascade: true }),
      run('createProvider', { name: 'A copy', key: `copy-${provider.id.toLowerCase().slice(4)}`, baseId: provider.id }),
    ]);

    expect(codes.flat().every((code) => ['NOT_FOUND', 'CONFLICT'].includes(code))).toBe(true);
    const { data } = await manager(
      'query ($id: ID!, $ids: [ID!]) { provider(id: $id) { id } clients(filter: { providerIds: $ids }) { totalCount } }',
      { id: provider.id, ids: [provider.id] },
    );
    const deletions = (await trailOf(manager, provider.id)).filter(({ action }) => action === 'PROVIDER_DELETED');
    expect(deletions).toHaveLength(data.provider === null ? 1 : 0);
    if (data.provider === null) expect(data.clients.totalCount).toBe(0);
  });

  it.each(ROUNDS)('are deleted, or not, while tokens of theirs are requested (round %i)', async (round) => {
    const { id: clientId } = await saveHubClient(manager, { scopes: ['hub:read'] });
    const requests = Array.from({ length: 6 }, (_, index) =>
      run('requestToken', {
        ...{ clientId, useProviderClient: false, grantType: 'CLIENT_CREDENTIALS' },
        name: `Requested ${round} ${index}`,
      }),
    );

    const [deletion = [], ...codes] = await Promise.all([
      run('deleteClient', { id: clientId, cascade: true }),
      ...requests,
    ]);

    expect(['', 'CONFLICT']).toContain(deletion.join());
    expect(new Set(['NOT_FOUND', ...codes.flat()])).toEqual(new Set(['NOT_FOUND']));
    const { data } = await manager('query ($id: ID!) { client(id: $id) { tokens { totalCount } } }', { id: clientId });
    const kept = codes.filter((each) => each.length === 0).length;
    expect(data.client?.tokens.totalCount ?? null).toBe(deletion.length === 0 ? null : kept);
  });
});
