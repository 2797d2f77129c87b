import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aHubClient, aProvider, hubProviderId, saveHubClient } from '../support/builders.js';
import { type Ask, TestHub } from '../support/hub.js';
import { trailOf } from '../support/trail.js';
import { mutate } from '../graphql/root/root-field.js';

const SETTINGS = `key name kind issuer authorizationEndpoint tokenEndpoint revocationEndpoint introspectionEndpoint
  userinfoEndpoint grantTypes tokenEndpointAuthMethod pkce enabled defaultScopes defaultClient { id } base { id }`;
const UPDATE = {
  field: 'updateProvider',
  inputType: 'UpdateProviderInput',
  selection: 'provider { name enabled defaultScopes }',
};

describe('the provider that is the hub itself', () => {
  let hub: TestHub;
  let manager: Ask;
  let id: string;

  beforeAll(async () => {
    // As in production: what the hub says of itself is never checked as an address to call.
    hub = await TestHub.start({ env: { HUB_ALLOW_PRIVATE_NETWORK: 'false' } });
    manager = await hub.asManager();
    id = await hubProviderId(manager);
  });
  afterAll(() => hub.stop());

  const codesOf = (payload: any) => payload.userErrors.map(({ code, field }: any) => `${code} ${field.join('.')}`);
  const update = (change: object) => mutate(manager, UPDATE, { id, ...change });

  it('is there from the start, with its own endpoints', async () => {
    const { data, errors } = await manager(`{ provider(key: "hub") { ${SETTINGS} } }`);

    expect(errors).toEqual([]);
    expect(data.provider).toEqual({
      key: 'hub',
      name: 'Integration Hub',
      kind: 'HUB',
      issuer: 'http://localhost:4000',
      authorizationEndpoint: 'http://localhost:4000/oauth/authorize',
      tokenEndpoint: 'http://localhost:4000/oauth/token',
      revocationEndpoint: 'http://localhost:4000/oauth/revoke',
      introspectionEndpoint: 'http://localhost:4000/oauth/introspect',
      userinfoEndpoint: 'http://localhost:4000/oauth/userinfo',
      grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS'],
      tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC',
      pkce: true,
      enabled: true,
      defaultScopes: [],
      defaultClient: null,
      base: null,
    });
  });

  it('gets another name, other default scopes and is switched off, and nothing else', async () => {
    const { provider, userErrors } = await update({ name: 'Our hub', enabled: false, defaultScopes: ['hub:read'] });
    const { client } = await mutate(
      manager,
      { field: 'createClient', inputType: 'CreateClientInput', selection: 'client { scopes }' },
      aHubClient(id),
    );

    expect(userErrors).toEqual([]);
    expect(provider).toEqual({ name: 'Our hub', enabled: false, defaultScopes: ['hub:read'] });
    expect(client.scopes).toEqual(['hub:read']);
    expect((await update({ name: 'Integration Hub', enabled: true, defaultScopes: [] })).userErrors).toEqual([]);
  });

  it.each<[setting: string, value: unknown]>([
    ['issuer', 'https://elsewhere.example.com'],
    ['tokenEndpoint', 'https://elsewhere.example.com/token'],
    ['revocationEndpoint', null],
    ['grantTypes', ['CLIENT_CREDENTIALS']],
    ['tokenEndpointAuthMethod', 'NONE'],
    ['pkce', false],
    ['accessTokenLifetime', 'P1D'],
    ['tokenParameters', [{ name: 'a', value: 'b' }]],
    ['rotation', 'NONE'],
    ['defaultClientId', 'cli_01KAAAAAAAAAAAAAAAAAAAAAAA'],
  ])('keeps its %s', async (setting, value) => {
    const trail = await trailOf(manager, id);

    const payload = await update({ [setting]: value, name: 'Taken over' });

    expect(codesOf(payload)).toEqual([`NOT_SUPPORTED ${setting}`]);
    expect(payload.provider).toBeNull();
    expect(await trailOf(manager, id)).toEqual(trail);
  });

  it('takes back what it says of itself', async () => {
    const { data } = await manager('{ provider(key: "hub") { issuer tokenEndpoint grantTypes pkce } }');

    expect((await update({ ...data.provider })).userErrors).toEqual([]);
  });

  it.each([false, true])('is never deleted (cascade: %s)', async (cascade) => {
    const { id: clientId } = await saveHubClient(manager);

    const payload = await mutate(
      manager,
      { field: 'deleteProvider', inputType: 'DeleteProviderInput', selection: 'deletedId' },
      { id, cascade },
    );

    expect(codesOf(payload)).toEqual(['NOT_SUPPORTED id']);
    expect(payload.userErrors[0].message).toContain('updateProvider');
    const { data } = await manager('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: [id, clientId] });
    expect(data.nodes).toEqual([{ id }, { id: clientId }]);
  });

  it.each<[what: string, mutation: string, input: object, problem: string]>([
    ['has a key that no other gets', 'createProvider', aProvider({ key: 'hub' }), 'TAKEN key'],
    [
      'has a key that no preset gets',
      'createProviderFromCatalogue',
      { catalogueKey: 'google', key: 'hub' },
      'TAKEN key',
    ],
  ])('%s', async (_what, field, input, problem) => {
    const inputType = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;

    const payload = await mutate(manager, { field, inputType, selection: 'provider { id }' }, { ...input });

    expect(codesOf(payload)).toEqual([problem]);
  });

  it('is no base of another', async () => {
    const payload = await mutate(
      manager,
      { field: 'createProvider', inputType: 'CreateProviderInput', selection: 'provider { id }' },
      { name: 'A copy', baseId: id },
    );

    expect(codesOf(payload)).toEqual(['NOT_SUPPORTED baseId']);
  });

  it('takes no token from elsewhere', async () => {
    const { id: clientId } = await saveHubClient(manager);
    const IMPORT = { field: 'importToken', inputType: 'ImportTokenInput', selection: 'token { id }' };
    const given = { name: 'Brought', refreshToken: 'brought from elsewhere' };

    const byProvider = await mutate(manager, IMPORT, { ...given, providerId: id });
    const byClient = await mutate(manager, IMPORT, { ...given, clientId, useProviderClient: false });

    expect([byProvider, byClient].map(codesOf)).toEqual([['NOT_SUPPORTED providerId'], ['NOT_SUPPORTED clientId']]);
  });
});
