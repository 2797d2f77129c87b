import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const CLIENT = { clientId: 'another', clientSecret: 'no real secret', tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC' };

describeEachDatabase('a token', (database) => {
  let life: TokenLife;
  let scripted: ScriptedProvider;
  let provider: { id: string; clientId: string };
  let tokenId: string;

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database);
  });
  afterAll(async () => {
    await life.stop();
    await scripted.close();
  });
  beforeEach(async () => {
    provider = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    tokenId = (await life.connected({ providerId: provider.id })).id;
  });

  const change = async (mutation: string, input: object): Promise<any> => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const { data, errors } = await life.manager(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { userErrors { code field message } } }`,
      { input },
    );
    expect(errors).toEqual([]);
    return data[mutation].userErrors;
  };
  const owners = () => ({ deleteClient: provider.clientId, deleteProvider: provider.id });

  describe.each(['deleteClient', 'deleteProvider'] as const)('and %s', (mutation) => {
    it('keeps its owner, and the refusal says how to go on', async () => {
      const problems = await change(mutation, { id: owners()[mutation] });

      expect(problems).toMatchObject([{ code: 'IN_USE' }]);
      expect(problems[0].message).toContain('cascade: true');
      expect(await life.find(tokenId)).toMatchObject({ status: 'ACTIVE' });
    });

    it('goes with its owner when that is asked for', async () => {
      expect(await change(mutation, { id: owners()[mutation], cascade: true })).toEqual([]);
      expect(await life.find(tokenId)).toBeNull();
      expect(await life.rows.auditCount('TOKEN_DELETED', tokenId)).toBe(1);
    });
  });

  it('keeps the client id under which it was obtained', async () => {
    const problems = await change('updateClient', { id: provider.clientId, clientId: 'another' });

    expect(problems).toMatchObject([{ code: 'IN_USE', field: ['clientId'] }]);

    await life.mutate('revokeToken', { id: tokenId });
    expect(await change('updateClient', { id: provider.clientId, clientId: 'another' })).toEqual([]);
  });

  it.each([
    ['an endpoint of its provider', 'updateProvider', { authorizationEndpoint: 'https://id.example.com/elsewhere' }],
    ['the default scopes of its provider', 'updateProvider', { defaultScopes: ['other'] }],
    ['the default client of its provider', 'updateProvider', { defaultClientId: null }],
    ['the scopes of its client', 'updateClient', { scopes: ['other'] }],
    ['the secret of its client', 'rotateClientSecret', { clientSecret: 'not a real secret either' }],
  ])('%s changed: its connection is no longer known to work', async (what, mutation, input) => {
    const id = mutation === 'updateProvider' ? provider.id : provider.clientId;
    expect(await life.find(tokenId)).toMatchObject({ connectionState: 'CONNECTED' });

    expect(await change(mutation, { id, ...input })).toEqual([]);

    const isDoubtful = !what.includes('secret');
    expect(await life.find(tokenId)).toMatchObject({
      connectionState: isDoubtful ? 'DEFAULT' : 'CONNECTED',
      status: 'ACTIVE',
    });
  });

  describe('that was obtained by a former default client', () => {
    const create = (input: object): Promise<any> =>
      change('createClient', { providerId: provider.id, name: 'Another', ...CLIENT, ...input });
    const reconnected = async (): Promise<void> => {
      await life.rows.query("UPDATE token SET connectionState = 'CONNECTED' WHERE id = ?", [tokenId]);
    };
    const defaultClient = async (): Promise<string | undefined> => {
      const { data } = await life.manager('query ($id: ID!) { provider(id: $id) { defaultClient { id } } }', provider);
      return data.provider.defaultClient?.id as string | undefined;
    };

    it('is no longer known to work, as soon as another one is created or the provider loses it', async () => {
      expect(await create({ isDefault: true })).toEqual([]);
      expect(await life.find(tokenId)).toMatchObject({ connectionState: 'DEFAULT', status: 'ACTIVE' });

      await reconnected();
      expect(await change('deleteClient', { id: await defaultClient(), cascade: true })).toEqual([]);
      expect(await life.find(tokenId)).toMatchObject({ connectionState: 'DEFAULT', status: 'ACTIVE' });

      await reconnected();
      expect(await create({})).toEqual([]);
      expect(await defaultClient()).toBeDefined();
      expect(await life.find(tokenId)).toMatchObject({ connectionState: 'DEFAULT', status: 'ACTIVE' });
    });

    it('stays connected through a client that is not the default', async () => {
      expect(await create({})).toEqual([]);
      expect(await create({ isDefault: false, clientId: 'third' })).toEqual([]);

      expect(await life.find(tokenId)).toMatchObject({ connectionState: 'CONNECTED' });
    });
  });

  it.each([
    ['updateProvider', { name: 'Renamed' }],
    ['updateClient', { name: 'Renamed' }],
  ])('stays connected through another name by %s', async (mutation, input) => {
    const id = mutation === 'updateProvider' ? provider.id : provider.clientId;
    const name = `${input.name} ${id}`;

    expect(await change(mutation, { id, name })).toEqual([]);

    expect(await life.find(tokenId)).toMatchObject({ connectionState: 'CONNECTED' });
  });
});
