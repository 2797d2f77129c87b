import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { saveClient, saveProvider } from '../support/builders.js';
import { type Callers, everyCaller } from '../support/callers.js';
import { TestHub } from '../support/hub.js';

const SETTINGS = {
  category: 'commerce',
  documentationUrl: 'https://id.example.com/manual',
  issuer: 'https://id.example.com',
  authorizationEndpoint: 'https://id.example.com/authorize',
  tokenEndpoint: 'https://id.example.com/token',
  refreshEndpoint: 'https://id.example.com/refresh',
  revocationEndpoint: 'https://id.example.com/revoke',
  introspectionEndpoint: 'https://id.example.com/introspect',
  userinfoEndpoint: 'https://id.example.com/userinfo',
  deviceAuthorizationEndpoint: 'https://id.example.com/device',
  grantTypes: ['AUTHORIZATION_CODE', 'DEVICE_CODE'],
  tokenEndpointAuthMethod: 'CLIENT_SECRET_POST',
  pkce: false,
  scopeSeparator: ',',
  requiredScopes: ['offline_access'],
  requireRefreshToken: true,
  rotation: 'ROTATING',
  revocationScope: 'TOKEN',
  expiresInUnit: 'MILLISECONDS',
  assertionAudience: 'TOKEN_ENDPOINT',
  accessTokenLifetime: 'PT1H',
  authorizationLifetime: 'P6M',
  authorizationAbsoluteLifetime: 'P5Y',
  refreshMargin: 'PT1M',
};
const FIELDS = `id key name catalogueKey redirectUri base { id name } defaultClient { id } clients { totalCount } defaultScopes
  authorizationParameters { name value secret } tokenParameters { name value secret } ${Object.keys(SETTINGS).join(' ')}`;

describe('a provider that is the base of another', () => {
  let hub: TestHub;
  let callers: Callers;
  let base: { id: string; name: string };

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
    base = await saveProvider(callers.manager, {
      ...SETTINGS,
      defaultScopes: ['openid', 'offline_access'],
      authorizationParameters: [
        { name: 'prompt', value: 'consent' },
        { name: 'hint', value: 'not a real secret', secret: true },
      ],
      tokenParameters: [{ name: 'pin', value: 'not a real pin', secret: true }],
    });
    await saveClient(callers.manager, base.id);
  });
  afterAll(() => hub.stop());

  const read = async (id: string) => {
    const { data, errors } = await callers.manager(`query ($id: ID!) { provider(id: $id) { ${FIELDS} } }`, { id });
    expect(errors).toEqual([]);
    return data.provider;
  };
  const copyOf = async (baseId: string, given: Record<string, unknown> = {}) => {
    const input = { name: 'Copy', key: `copy-${Math.random().toString(36).slice(2)}`, baseId, ...given };
    const { data } = await callers.manager(
      'mutation ($input: CreateProviderInput!) { createProvider(input: $input) { provider { id } userErrors { code field } } }',
      { input },
    );
    expect(data.createProvider.userErrors).toEqual([]);
    return read(data.createProvider.provider.id as string);
  };

  it('gives its endpoints and quirks, and neither clients, nor secret parameters, nor scopes', async () => {
    const copy = await copyOf(base.id);

    expect(copy).toMatchObject({
      ...SETTINGS,
      name: 'Copy',
      base: { id: base.id, name: base.name },
      catalogueKey: null,
      defaultScopes: [],
      authorizationParameters: [{ name: 'prompt', value: 'consent', secret: false }],
      tokenParameters: [],
      defaultClient: null,
      clients: { totalCount: 0 },
    });
    expect(copy.redirectUri).toBe(`http://localhost:4000/oauth/callback/${copy.key}`);
  });

  it('gives way to what is given, such as client, secret parameters and scopes anew', async () => {
    const copy = await copyOf(base.id, {
      tokenEndpoint: 'https://other.example.com/token',
      issuer: null,
      pkce: true,
      defaultScopes: ['calendar'],
      tokenParameters: [{ name: 'pin', value: 'another pin', secret: true }],
      client: { clientId: 'ours', clientSecret: 'not a real secret' },
    });

    expect(copy).toMatchObject({
      tokenEndpoint: 'https://other.example.com/token',
      issuer: null,
      pkce: true,
      authorizationEndpoint: SETTINGS.authorizationEndpoint,
      defaultScopes: ['calendar'],
      tokenParameters: [{ name: 'pin', value: 'another pin', secret: true }],
      clients: { totalCount: 1 },
    });
    expect((await read(base.id)).tokenParameters).toEqual([{ name: 'pin', value: 'not a real pin', secret: true }]);
  });

  it('does not change its copies when it changes later', async () => {
    const first = await saveProvider(callers.manager, SETTINGS);
    const copy = await copyOf(first.id);

    await callers.manager(
      'mutation ($id: ID!) { updateProvider(input: { id: $id, tokenEndpoint: "https://new.example.com/token" }) { userErrors { code } } }',
      { id: first.id },
    );

    expect((await read(copy.id)).tokenEndpoint).toBe(SETTINGS.tokenEndpoint);
    expect((await read(first.id)).tokenEndpoint).toBe('https://new.example.com/token');
  });

  it('may be a copy itself', async () => {
    const copy = await copyOf(base.id);

    const copyOfCopy = await copyOf(copy.id);

    expect(copyOfCopy).toMatchObject({ ...SETTINGS, base: { id: copy.id } });
  });

  it('may come from the catalogue: its copy says so too', async () => {
    const { data } = await callers.manager(
      'mutation { createProviderFromCatalogue(input: { catalogueKey: "google" }) { provider { id } } }',
    );

    const copy = await copyOf(data.createProviderFromCatalogue.provider.id as string, { defaultScopes: ['drive'] });

    expect(copy).toMatchObject({
      catalogueKey: 'google',
      tokenEndpoint: 'https://oauth2.googleapis.com/token',
      requireRefreshToken: true,
      authorizationParameters: [
        { name: 'access_type', value: 'offline' },
        { name: 'prompt', value: 'consent' },
      ],
      defaultScopes: ['drive'],
    });
  });
});
