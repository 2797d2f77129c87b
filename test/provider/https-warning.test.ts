import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aClient, aProvider, saveProvider } from '../support/builders.js';
import { type Ask, TestHub } from '../support/hub.js';
import { IssuerServer } from '../support/issuer-server.js';

describe.each([
  ['plain http', 'http://hub.example.com:8080', ['HTTPS_REQUIRED']],
  ['http on this machine', 'http://localhost:4000', ['HTTPS_REQUIRED']],
  ['https', 'https://hub.example.com', []],
])('with PUBLIC_URL %s', (_what, publicUrl, warnings) => {
  let hub: TestHub;
  let issuer: IssuerServer;
  let manager: Ask;
  let providerId: string;

  beforeAll(async () => {
    [hub, issuer] = await Promise.all([TestHub.start({ env: { PUBLIC_URL: publicUrl } }), IssuerServer.start()]);
    manager = await hub.asManager();
    providerId = (await saveProvider(manager)).id;
    issuer.documents.set('/.well-known/openid-configuration', { body: issuer.metadata() });
  });
  afterAll(async () => {
    await hub.stop();
    await issuer.close();
  });

  it.each<[field: string, input: () => object, entity: string]>([
    ['createProvider', () => aProvider(), 'provider'],
    ['createProviderFromCatalogue', () => ({ catalogueKey: 'google' }), 'provider'],
    ['discoverProvider', () => ({ issuer: issuer.url }), 'provider'],
    ['updateProvider', () => ({ id: providerId, enabled: true }), 'provider'],
    ['createClient', () => aClient(providerId), 'client'],
  ])(`%s warns of ${JSON.stringify(warnings)} and refuses nothing`, async (field, input, entity) => {
    const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;

    const { data, errors } = await manager(
      `mutation ($input: ${type}!) { ${field}(input: $input) { ${entity} { id } warnings userErrors { code } } }`,
      { input: input() },
    );

    expect(errors).toEqual([]);
    expect(data[field]).toEqual({ [entity]: { id: expect.any(String) }, warnings, userErrors: [] });
  });

  it('says so of each provider', async () => {
    const { data } = await manager('{ providers(first: 1) { nodes { warnings redirectUri } } }');

    expect(data.providers.nodes).toEqual([{ warnings, redirectUri: expect.stringContaining(`${publicUrl}/oauth/`) }]);
  });

  it('has nothing to warn of when nothing was done', async () => {
    const { data } = await manager(
      'mutation { updateProvider(input: { id: "prv_nobody" }) { warnings userErrors { code } } }',
    );

    expect(data.updateProvider).toEqual({ warnings: [], userErrors: [{ code: 'NOT_FOUND' }] });
  });
});
