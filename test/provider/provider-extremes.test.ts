import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { aClient, aPerson, aProvider } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { type Ask, TestHub } from '../support/hub.js';

/** Letters that take four bytes in UTF-8, as many as a field may hold. */
const wide = (length: number) => '𝔘'.repeat(Math.floor(length / 2));
const url = (name: string) => `https://id.example.com/${name}/${'x'.repeat(2_000)}`;
const parameters = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `${index} ${wide(90)}`,
    value: wide(4_096),
    secret: index % 2 === 0,
  }));

const LARGEST = {
  category: wide(64),
  documentationUrl: url('manual'),
  issuer: url('issuer'),
  authorizationEndpoint: url('authorize'),
  tokenEndpoint: url('token'),
  refreshEndpoint: url('refresh'),
  revocationEndpoint: url('revoke'),
  introspectionEndpoint: url('introspect'),
  userinfoEndpoint: url('userinfo'),
  deviceAuthorizationEndpoint: url('device'),
  scopeSeparator: wide(8),
  defaultScopes: Array.from({ length: 100 }, (_, index) => `!${index}`.padEnd(255, '~')),
  requiredScopes: Array.from({ length: 100 }, (_, index) => `${index}`.padEnd(255, '~')),
  authorizationParameters: parameters(50),
  tokenParameters: parameters(50),
  accessTokenLifetime: 'P1Y1M1DT1H1M1.0000000000000000S',
  authorizationLifetime: 'P1Y1M1DT1H1M1.0000000000000000S',
  authorizationAbsoluteLifetime: 'P1Y1M1DT1H1M1.0000000000000000S',
  refreshMargin: 'PT0S',
};
const FIELDS = Object.keys(LARGEST)
  .map((name) => (name.endsWith('Parameters') ? `${name} { name value secret }` : name))
  .join(' ');

describeEachDatabase('the largest values that the API takes', (testDatabase) => {
  let hub: TestHub;
  let manager: Ask;

  beforeAll(async () => {
    hub = await TestHub.start({ databaseUrl: await testDatabase.freshUrl() });
    manager = await hub.asManager();
  });
  afterAll(() => hub.stop());

  it('are stored as a provider, and read back as they were given', async () => {
    const input = aProvider({ ...LARGEST, name: wide(200), key: 'x'.repeat(63), idempotencyKey: wide(200) });

    const { data, errors } = await manager(
      `mutation ($input: CreateProviderInput!) { createProvider(input: $input) { provider { id } userErrors { code field message } } }`,
      { input },
    );
    const read = await manager(`query ($id: ID!) { provider(id: $id) { name key ${FIELDS} } }`, {
      id: data?.createProvider?.provider?.id ?? '',
    });

    expect(errors).toEqual([]);
    expect(data.createProvider.userErrors).toEqual([]);
    expect(read.data.provider).toEqual({ ...LARGEST, name: wide(200), key: 'x'.repeat(63) });
  });

  it.each([
    ['letters that grow when they are unified', 'ŉ'.repeat(100)],
    ['letters that grow in lower case', 'İ'.repeat(66)],
    ['letters of four bytes', wide(200)],
    ['letters beside marks', 'e\u0301'.repeat(100)],
    ['the longest that is one letter', '\ufdfa'.repeat(11)],
  ])('are stored as names of everything: %s', async (_what, name) => {
    const provider = aProvider({ name });
    const { data, errors } = await manager(
      `mutation ($provider: CreateProviderInput!, $user: CreateUserInput!) {
        createProvider(input: $provider) { provider { id name } userErrors { code } }
        createUser(input: $user) { user { name } userErrors { code } }
      }`,
      { provider, user: aPerson({ name }) },
    );
    const client = await manager(
      'mutation ($input: CreateClientInput!) { createClient(input: $input) { client { name } userErrors { code } } }',
      { input: aClient(data.createProvider.provider.id as string, { name }) },
    );

    expect(errors).toEqual([]);
    expect(data).toMatchObject({ createProvider: { provider: { name } }, createUser: { user: { name } } });
    expect(client.data.createClient).toEqual({ client: { name }, userErrors: [] });
    const found = await manager('query ($search: String) { providers(filter: { search: $search }) { totalCount } }', {
      search: name.slice(0, 4),
    });
    expect(found.data.providers.totalCount).toBeGreaterThan(0);
  });

  it('are stored as a client, and read back as they were given', async () => {
    const provider = await manager(
      'mutation ($input: CreateProviderInput!) { createProvider(input: $input) { provider { id } } }',
      { input: aProvider() },
    );
    const largest = {
      clientId: '~'.repeat(255),
      clientSecret: '~'.repeat(4_096),
      name: wide(200),
      scopes: LARGEST.requiredScopes,
    };

    const { data, errors } = await manager(
      'mutation ($input: CreateClientInput!) { createClient(input: $input) { client { clientId clientSecret name scopes } userErrors { code } } }',
      { input: { ...largest, providerId: provider.data.createProvider.provider.id } },
    );

    expect(errors).toEqual([]);
    expect(data.createClient).toEqual({ client: largest, userErrors: [] });
  });

  it('are stored as an e-mail address', async () => {
    const label = `${'x'.repeat(61)}.`;
    const email = `${'a'.repeat(63)}@${label.repeat(3)}com`;

    const { data, errors } = await manager(
      'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { email } userErrors { code } } }',
      { input: aPerson({ email }) },
    );

    expect(errors).toEqual([]);
    expect(data.createUser).toEqual({ user: { email }, userErrors: [] });
  });
});
