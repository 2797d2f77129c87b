import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aProvider, saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { trailOf } from '../../support/trail.js';
import { hostileNames, itNamesProblems, itRefusesTypes, MEGABYTE, type Problem, unknownIdRows } from './bad-input.js';
import { itIsIdempotent } from './idempotency.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';

const CREATE = {
  field: 'createProvider',
  inputType: 'CreateProviderInput',
  entity: 'provider',
  action: 'PROVIDER_CREATED',
  selection: 'provider { id key name } warnings',
};
const EVERYTHING = {
  category: 'commerce',
  documentationUrl: 'https://id.example.com/manual',
  issuer: 'https://id.example.com:443/',
  authorizationEndpoint: 'https://id.example.com/authorize?audience=a',
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
  defaultScopes: ['openid', 'email'],
  requiredScopes: ['openid'],
  authorizationParameters: [{ name: 'prompt', value: 'consent', secret: false }],
  tokenParameters: [{ name: 'audience', value: 'https://api.example.com', secret: false }],
  requireRefreshToken: true,
  rotation: 'ROTATING_GRACE',
  revocationScope: 'GRANT',
  expiresInUnit: 'MILLISECONDS',
  assertionAudience: 'TOKEN_ENDPOINT',
  accessTokenLifetime: 'PT1H',
  authorizationLifetime: 'P6M',
  authorizationAbsoluteLifetime: 'P5Y',
  refreshMargin: 'PT1M',
  enabled: false,
};
const fieldOf = (name: string) => (name.endsWith('Parameters') ? `${name} { name value secret }` : name);
const SETTINGS = Object.keys(EVERYTHING).map(fieldOf).join(' ');
const WITH_SETTINGS = { ...CREATE, selection: `provider { id ${SETTINGS} } warnings` };

const parameter = (name: string, value = 'x') => ({ name, value });
const PARAMETER_PROBLEMS: Problem[] = [
  ...['state', 'redirect_uri', 'client_id'].map((name): Problem => [
    `the authorization parameter ${name}, which the hub sets`,
    { authorizationParameters: [parameter('prompt'), parameter(name)] },
    'INVALID',
    ['authorizationParameters', '1', 'name'],
  ]),
  [
    'the token parameter grant_type, which the hub sets',
    { tokenParameters: [parameter('grant_type')] },
    'INVALID',
    ['tokenParameters', '0', 'name'],
  ],
  [
    'a parameter that comes twice',
    { tokenParameters: [parameter('a', '1'), parameter('a', '2')] },
    'INVALID',
    ['tokenParameters', '1', 'name'],
  ],
  [
    'a parameter with a null byte',
    { tokenParameters: [parameter('a', 'b\0')] },
    'INVALID',
    ['tokenParameters', '0', 'value'],
  ],
  [
    'a parameter of 1 MB',
    { authorizationParameters: [parameter('a', MEGABYTE)] },
    'INVALID',
    ['authorizationParameters', '0', 'value'],
  ],
  [
    'too many parameters',
    { tokenParameters: Array.from({ length: 51 }, (_, index) => parameter(`a${index}`)) },
    'INVALID',
    ['tokenParameters'],
  ],
];

describe('createProvider', () => {
  let hub: TestHub;
  let callers: Callers;

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
  });
  afterAll(() => hub.stop());

  it('saves what is given, as it is given', async () => {
    const input = aProvider(EVERYTHING);

    const { provider, userErrors } = await mutate(callers.manager, WITH_SETTINGS, input);

    expect(userErrors).toEqual([]);
    expect(provider).toEqual({ id: expect.stringMatching(/^prv_/), ...EVERYTHING });
    const read = await callers.manager(`query ($id: ID!) { provider(id: $id) { id ${SETTINGS} } }`, {
      id: provider.id,
    });
    expect(read.data.provider).toEqual(provider);
  });

  it('fills in what is left out', async () => {
    const { key, name, ...endpoints } = aProvider();

    const { provider } = await mutate(
      callers.manager,
      { ...CREATE, selection: `provider { key kind catalogueKey base { id } defaultClient { id } ${SETTINGS} }` },
      { name: `  ${name} `, ...endpoints },
    );

    expect(provider).toMatchObject({
      key,
      kind: 'EXTERNAL',
      catalogueKey: null,
      base: null,
      defaultClient: null,
      grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS'],
      tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC',
      pkce: true,
      scopeSeparator: ' ',
      defaultScopes: [],
      rotation: 'UNKNOWN',
      expiresInUnit: 'SECONDS',
      assertionAudience: 'ISSUER',
      refreshMargin: 'PT5M',
      enabled: true,
    });
  });

  it('takes null for not given', async () => {
    const nothing = Object.fromEntries(Object.keys(EVERYTHING).map((name) => [name, null]));

    const { provider } = await mutate(callers.manager, WITH_SETTINGS, aProvider({ ...nothing, ...aProvider() }));

    expect(provider).toMatchObject({ category: null, grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS'] });
  });

  it.each([
    ['Café Société №1', 'cafe-societe-no1'],
    ['  --Two  words--  ', 'two-words'],
    ['x'.repeat(200), 'x'.repeat(63)],
  ])('makes a key of the name %s', async (name, key) => {
    const { authorizationEndpoint, tokenEndpoint } = aProvider() as Record<string, unknown>;

    const { provider } = await mutate(callers.manager, CREATE, { name, authorizationEndpoint, tokenEndpoint });

    expect(provider).toMatchObject({ key, name: name.trim() });
  });

  it('saves the registration there with it, as its default client', async () => {
    const client = { clientId: 'ours', clientSecret: 'not a real secret, but long', scopes: ['read'] };
    const mutation = {
      ...CREATE,
      selection:
        'provider { id name defaultClient { id name clientId clientSecret clientSecretHint scopes isDefault } clients { totalCount } }',
    };

    const { provider } = await mutate(callers.manager, mutation, aProvider({ client }));

    expect(provider.defaultClient).toMatchObject({ ...client, name: provider.name, isDefault: true });
    expect(provider.defaultClient.clientSecretHint).toBe('long');
    expect(provider.clients).toEqual({ totalCount: 1 });
    expect(await trailOf(callers.manager, provider.defaultClient.id)).toMatchObject([
      { action: 'CLIENT_CREATED', detail: { providerId: provider.id, clientId: 'ours' } },
      { action: 'SECRET_READ' },
    ]);
  });

  it('counts each scope and grant type once', async () => {
    const input = aProvider({
      grantTypes: ['CLIENT_CREDENTIALS', 'CLIENT_CREDENTIALS'],
      defaultScopes: ['b', 'a', 'b'],
    });

    const { provider } = await mutate(callers.manager, WITH_SETTINGS, input);

    expect(provider).toMatchObject({ grantTypes: ['CLIENT_CREDENTIALS'], defaultScopes: ['b', 'a'] });
  });

  it('tells the audit trail in the same commit', async () => {
    const input = aProvider();
    const { provider } = await mutate(callers.manager, CREATE, input);

    expect(await trailOf(callers.auditor, provider.id)).toEqual([
      {
        id: expect.stringMatching(/^aud_/),
        action: 'PROVIDER_CREATED',
        actorName: 'System Manager',
        actor: { id: callers.ids.manager },
        subjectId: provider.id,
        success: true,
        detail: { key: input.key, name: input.name },
        ip: '127.0.0.1',
        requestId: expect.stringMatching(/^req_/),
        occurredAt: expect.stringMatching(/Z$/),
      },
    ]);
  });

  it('lets one of many callers who want the same key have it', async () => {
    const inputs = [1, 2, 3, 4].map((each) => aProvider({ key: 'wanted', name: `Wanted ${each}` }));

    const payloads = await Promise.all(inputs.map((input) => mutate(callers.manager, CREATE, input)));

    expect(payloads.filter(({ provider }) => provider)).toHaveLength(1);
    expect(payloads.flatMap(({ userErrors }) => userErrors.map(({ code, field }: any) => [code, field]))).toEqual(
      [1, 2, 3].map(() => ['TAKEN', ['key']]),
    );
  });

  itRefuses(() => callers, MANAGERS_ONLY, {
    kind: 'mutation',
    definitions: '$input: CreateProviderInput!',
    selection: 'createProvider(input: $input) { provider { id } userErrors { code } }',
    variables: () => ({ input: aProvider() }),
  });

  itIsIdempotent(
    () => ({ hub, callers }),
    CREATE,
    () => aProvider(),
    { tokenEndpoint: null },
    async (id) => {
      await callers.manager('mutation ($id: ID!) { deleteProvider(input: { id: $id }) { deletedId } }', { id });
    },
  );

  itNamesProblems(() => callers, CREATE, aProvider, [
    ...hostileNames('name'),
    ...unknownIdRows('baseId', 'prv'),
    ['a key in upper case', { key: 'Google' }, 'INVALID', ['key']],
    ['a key that ends in a hyphen', { key: 'google-' }, 'INVALID', ['key']],
    ['a key that is too long', { key: 'x'.repeat(64) }, 'INVALID', ['key']],
    ['a key with a null byte', { key: 'a\0' }, 'INVALID', ['key']],
    ['a key of 1 MB', { key: MEGABYTE }, 'INVALID', ['key']],
    ['a key that is the hub itself', { key: 'hub' }, 'TAKEN', ['key']],
    ['a name that gives no key', { key: null, name: '日本' }, 'REQUIRED', ['key']],
    ['an idempotency key of blanks', { idempotencyKey: ' ' }, 'INVALID', ['idempotencyKey']],
    ['a category of 1 MB', { category: MEGABYTE }, 'INVALID', ['category']],
    ['no token endpoint', { tokenEndpoint: null }, 'REQUIRED', ['tokenEndpoint']],
    ['no authorization endpoint', { authorizationEndpoint: null }, 'REQUIRED', ['authorizationEndpoint']],
    ['no device endpoint', { grantTypes: ['DEVICE_CODE'] }, 'REQUIRED', ['deviceAuthorizationEndpoint']],
    ['no grant types', { grantTypes: [] }, 'REQUIRED', ['grantTypes']],
    ['too many grant types', { grantTypes: Array(21).fill('PASSWORD') }, 'INVALID', ['grantTypes']],
    ['a plain endpoint', { tokenEndpoint: 'ftp://id.example.com/token' }, 'INVALID', ['tokenEndpoint']],
    ['an endpoint with a password', { tokenEndpoint: 'https://a:b@id.example.com/' }, 'INVALID', ['tokenEndpoint']],
    ['an endpoint in the cloud', { userinfoEndpoint: 'http://169.254.169.254/' }, 'INVALID', ['userinfoEndpoint']],
    ['a manual that is a script', { documentationUrl: 'javascript:alert(1)' }, 'INVALID', ['documentationUrl']],
    ['an empty scope separator', { scopeSeparator: '' }, 'INVALID', ['scopeSeparator']],
    ['a scope with a blank', { defaultScopes: ['a b'] }, 'INVALID', ['defaultScopes']],
    ['a scope with a null byte', { requiredScopes: ['a\0'] }, 'INVALID', ['requiredScopes']],
    ['a scope of 1 MB', { defaultScopes: [MEGABYTE] }, 'INVALID', ['defaultScopes']],
    ['too many scopes', { defaultScopes: Array(101).fill('a') }, 'INVALID', ['defaultScopes']],
    ['a negative duration', { refreshMargin: '-PT5M' }, 'INVALID', ['refreshMargin']],
    ['an endless duration', { accessTokenLifetime: `PT0.${'1'.repeat(40)}S` }, 'INVALID', ['accessTokenLifetime']],
    ...PARAMETER_PROBLEMS,
    ['a default client without secret', { client: { clientId: 'a' } }, 'REQUIRED', ['client', 'clientSecret']],
    [
      'a default client whose id has a null byte',
      { client: { clientId: 'a\0', clientSecret: 'b' } },
      'INVALID',
      ['client', 'clientId'],
    ],
  ]);

  itRefusesTypes(() => callers, CREATE, aProvider, [
    ['a number for a name', { name: 5 }, 'input.name'],
    ['no name', { name: null }, 'input.name'],
    ['an unknown field', { secret: 'a' }, '"secret" is not defined'],
    ['an unknown grant type', { grantTypes: ['IMPLICIT'] }, 'input.grantTypes[0]'],
    ['a relative endpoint', { tokenEndpoint: '/token' }, 'input.tokenEndpoint'],
    ['an endpoint with a null byte', { tokenEndpoint: 'https://a/\0' }, 'input.tokenEndpoint'],
    ['an endpoint of 1 MB', { tokenEndpoint: `https://a/${MEGABYTE}` }, 'input.tokenEndpoint'],
    ['a duration in words', { refreshMargin: '5 minutes' }, 'input.refreshMargin'],
    ['a text for a switch', { enabled: 'true' }, 'input.enabled'],
    ['a list with null', { defaultScopes: [null] }, 'input.defaultScopes[0]'],
  ]);

  it('names the key that another provider has', async () => {
    const { key } = await saveProvider(callers.manager);

    const { provider, userErrors } = await mutate(callers.manager, CREATE, aProvider({ key }));

    expect(provider).toBeNull();
    expect(userErrors).toEqual([{ code: 'TAKEN', field: ['key'], message: expect.stringContaining(key) }]);
  });
});
