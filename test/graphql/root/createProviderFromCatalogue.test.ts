import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { trailOf } from '../../support/trail.js';
import { hostileNames, itNamesProblems, itRefusesTypes, MEGABYTE } from './bad-input.js';
import { itIsIdempotent } from './idempotency.js';
import { type Input, itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';

const CREATE = {
  field: 'createProviderFromCatalogue',
  inputType: 'CreateProviderFromCatalogueInput',
  entity: 'provider',
  action: 'PROVIDER_CREATED',
  selection: 'provider { id key name catalogueKey } warnings',
};
const WITH_SETTINGS = {
  ...CREATE,
  selection: `provider { id key name catalogueKey category issuer authorizationEndpoint tokenEndpoint revocationEndpoint
    grantTypes tokenEndpointAuthMethod pkce scopeSeparator defaultScopes requiredScopes
    authorizationParameters { name value secret } requireRefreshToken rotation revocationScope expiresInUnit
    assertionAudience accessTokenLifetime authorizationLifetime refreshMargin enabled defaultClient { clientId } }`,
};
const TENANT = '6d1f3f4c-0f56-4d0f-9d4e-3a1b2c3d4e5f';

let made = 0;
/** An input that can be saved beside others. */
const google = (given: Input = {}): Input => ({ catalogueKey: 'google', key: `google-${(made += 1)}`, ...given });

describe('createProviderFromCatalogue', () => {
  let hub: TestHub;
  let callers: Callers;

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
  });
  afterAll(() => hub.stop());

  it('makes Google as the catalogue describes it', async () => {
    const { provider } = await mutate(callers.manager, WITH_SETTINGS, { catalogueKey: 'google' });

    expect(provider).toMatchObject({
      key: 'google',
      name: 'Google',
      catalogueKey: 'google',
      issuer: 'https://accounts.google.com',
      authorizationEndpoint: 'https://accounts.google.com/o/oauth2/v2/auth',
      tokenEndpoint: 'https://oauth2.googleapis.com/token',
      revocationEndpoint: 'https://oauth2.googleapis.com/revoke',
      defaultScopes: ['openid', 'email'],
      authorizationParameters: [
        { name: 'access_type', value: 'offline', secret: false },
        { name: 'prompt', value: 'consent', secret: false },
      ],
      requireRefreshToken: true,
      rotation: 'NONE',
      revocationScope: 'GRANT',
      authorizationLifetime: 'P6M',
      enabled: true,
      defaultClient: null,
    });
  });

  it('fills the tenant of Microsoft in', async () => {
    const { provider } = await mutate(callers.manager, WITH_SETTINGS, {
      catalogueKey: 'microsoft',
      variables: [{ name: 'tenant', value: TENANT.toUpperCase() }],
    });

    expect(provider).toMatchObject({
      key: 'microsoft',
      issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      authorizationEndpoint: `https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/authorize`,
      tokenEndpoint: `https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/token`,
      requiredScopes: ['offline_access'],
      rotation: 'ROTATING_NO_REVOKE',
      assertionAudience: 'TOKEN_ENDPOINT',
      authorizationLifetime: 'P3M',
    });
  });

  it('makes Mercado Livre with its default host', async () => {
    const { provider } = await mutate(callers.manager, WITH_SETTINGS, { catalogueKey: 'mercadolivre' });

    expect(provider).toMatchObject({
      authorizationEndpoint: 'https://auth.mercadolivre.com.br/authorization',
      tokenEndpoint: 'https://api.mercadolibre.com/oauth/token',
      rotation: 'ROTATING',
      accessTokenLifetime: 'PT6H',
      authorizationLifetime: 'P6M',
    });
  });

  it('lets what is given win over the preset', async () => {
    const { provider } = await mutate(
      callers.manager,
      WITH_SETTINGS,
      google({
        name: 'Our Google',
        defaultScopes: ['calendar'],
        authorizationParameters: [],
        requireRefreshToken: false,
        issuer: null,
        refreshMargin: null,
        client: { clientId: 'ours', clientSecret: 'not a real secret' },
      }),
    );

    expect(provider).toMatchObject({
      name: 'Our Google',
      catalogueKey: 'google',
      defaultScopes: ['calendar'],
      authorizationParameters: [],
      requireRefreshToken: false,
      issuer: null,
      refreshMargin: 'PT5M',
      defaultClient: { clientId: 'ours' },
    });
  });

  it('tells the audit trail', async () => {
    const input = google();
    const { provider } = await mutate(callers.manager, CREATE, input);

    expect(await trailOf(callers.auditor, provider.id)).toMatchObject([
      { action: 'PROVIDER_CREATED', actor: { id: callers.ids.manager }, detail: { key: input['key'], name: 'Google' } },
    ]);
  });

  it('names the key when the preset is used a second time without one', async () => {
    const first = await mutate(callers.manager, CREATE, { catalogueKey: 'mercadolivre', key: 'meli' });

    const second = await mutate(callers.manager, CREATE, { catalogueKey: 'mercadolivre', key: 'meli' });

    expect(first.provider).not.toBeNull();
    expect(second).toMatchObject({ provider: null, userErrors: [{ code: 'TAKEN', field: ['key'] }] });
  });

  itRefuses(() => callers, MANAGERS_ONLY, {
    kind: 'mutation',
    definitions: '$input: CreateProviderFromCatalogueInput!',
    selection: 'createProviderFromCatalogue(input: $input) { provider { id } userErrors { code } }',
    variables: () => ({ input: google() }),
  });

  itIsIdempotent(
    () => ({ hub, callers }),
    CREATE,
    () => google(),
    { variables: [{ name: 'unknown', value: 'a' }] },
    async (id) => {
      await callers.manager('mutation ($id: ID!) { deleteProvider(input: { id: $id }) { deletedId } }', { id });
    },
  );

  const microsoft = (value: string): Input => ({
    catalogueKey: 'microsoft',
    variables: [{ name: 'tenant', value }],
  });

  itNamesProblems(
    () => callers,
    CREATE,
    () => google(),
    [
      ...hostileNames('name'),
      ['an unknown entry', { catalogueKey: 'nobody' }, 'NOT_FOUND', ['catalogueKey']],
      ['an empty entry', { catalogueKey: '' }, 'INVALID', ['catalogueKey']],
      ['an entry with a null byte', { catalogueKey: 'google\0' }, 'INVALID', ['catalogueKey']],
      ['an entry of 1 MB', { catalogueKey: MEGABYTE }, 'INVALID', ['catalogueKey']],
      ['no tenant', { catalogueKey: 'microsoft' }, 'INVALID', ['variables', 'tenant']],
      ['a tenant that is another host', microsoft('evil.example.com/x?'), 'INVALID', ['variables', 'tenant']],
      ['a tenant with a null byte', microsoft('a\0'), 'INVALID', ['variables', '0', 'value']],
      ['a tenant of 1 MB', microsoft(MEGABYTE), 'INVALID', ['variables', '0', 'value']],
      ['an unknown variable', { variables: [{ name: 'tenant', value: 'a' }] }, 'INVALID', ['variables', 'tenant']],
      [
        'a variable that comes twice',
        { catalogueKey: 'microsoft', variables: [TENANT, 'common'].map((value) => ({ name: 'tenant', value })) },
        'INVALID',
        ['variables', 'tenant'],
      ],
      [
        'a variable that every object has',
        { variables: [{ name: '__proto__', value: 'a' }] },
        'INVALID',
        ['variables', '__proto__'],
      ],
      ['too many variables', { variables: Array(21).fill({ name: 'a', value: 'b' }) }, 'INVALID', ['variables']],
      ['a default client without secret', { client: { clientId: 'a' } }, 'REQUIRED', ['client', 'clientSecret']],
      ['no token endpoint', { tokenEndpoint: null }, 'REQUIRED', ['tokenEndpoint']],
    ],
  );

  itRefusesTypes(
    () => callers,
    CREATE,
    () => google(),
    [
      ['no entry', { catalogueKey: null }, 'input.catalogueKey'],
      ['a variable that is a number', { variables: [{ name: 'tenant', value: 1 }] }, 'input.variables[0].value'],
      ['an object for variables', { variables: { tenant: 'a' } }, 'input.variables'],
    ],
  );
});
