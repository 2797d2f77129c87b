import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { IssuerServer } from '../../support/issuer-server.js';
import { countEvents, trailOf } from '../../support/trail.js';
import { hostileNames, itNamesProblems, itRefusesTypes, MEGABYTE } from './bad-input.js';
import { itIsIdempotent } from './idempotency.js';
import { type Input, itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';

const DISCOVER = {
  field: 'discoverProvider',
  inputType: 'DiscoverProviderInput',
  entity: 'provider',
  action: 'PROVIDER_CREATED',
  selection: 'provider { id key name } warnings',
};
const WITH_SETTINGS = {
  ...DISCOVER,
  selection: `provider { id key name kind catalogueKey issuer authorizationEndpoint tokenEndpoint revocationEndpoint
    introspectionEndpoint userinfoEndpoint deviceAuthorizationEndpoint grantTypes tokenEndpointAuthMethod pkce
    redirectUri defaultClient { clientId } } warnings`,
};
const OIDC = '/.well-known/openid-configuration';
const RFC_8414 = '/.well-known/oauth-authorization-server';

let made = 0;

describe('discoverProvider', () => {
  let hub: TestHub;
  let callers: Callers;
  let issuer: IssuerServer;

  beforeAll(async () => {
    [hub, issuer] = await Promise.all([TestHub.start(), IssuerServer.start()]);
    callers = await everyCaller(hub);
  });
  beforeEach(() => {
    issuer.documents.clear();
    issuer.documents.set(OIDC, { body: issuer.metadata() });
    issuer.asked.length = 0;
  });
  afterAll(async () => {
    await hub.stop();
    await issuer.close();
  });

  /** An input that can be saved beside others. */
  const fresh = (given: Input = {}): Input => ({ issuer: issuer.url, key: `discovered-${(made += 1)}`, ...given });

  it('saves what an OpenID Connect issuer publishes', async () => {
    const { provider, userErrors } = await mutate(callers.manager, WITH_SETTINGS, { issuer: issuer.url });

    const host = new URL(issuer.url).host;
    const key = host.replace(/[.:]/g, '-');
    expect(userErrors).toEqual([]);
    expect(provider).toEqual({
      id: expect.stringMatching(/^prv_/),
      key,
      name: host,
      kind: 'EXTERNAL',
      catalogueKey: null,
      issuer: issuer.url,
      authorizationEndpoint: `${issuer.url}/authorize`,
      tokenEndpoint: `${issuer.url}/token`,
      revocationEndpoint: `${issuer.url}/revoke`,
      introspectionEndpoint: `${issuer.url}/introspect`,
      userinfoEndpoint: `${issuer.url}/userinfo`,
      deviceAuthorizationEndpoint: null,
      grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS'],
      tokenEndpointAuthMethod: 'CLIENT_SECRET_POST',
      pkce: true,
      redirectUri: `http://localhost:4000/oauth/callback/${key}`,
      defaultClient: null,
    });
    expect(issuer.asked).toEqual([OIDC]);
  });

  it('finds the metadata of RFC 8414, of an issuer with a path too', async () => {
    issuer.documents.clear();
    issuer.documents.set(`${RFC_8414}/tenant`, {
      body: issuer.metadata('/tenant', {
        device_authorization_endpoint: `${issuer.url}/device`,
        grant_types_supported: ['urn:ietf:params:oauth:grant-type:device_code', 'authorization_code'],
        code_challenge_methods_supported: ['plain'],
        token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
      }),
    });

    const { provider } = await mutate(callers.manager, WITH_SETTINGS, fresh({ issuer: `${issuer.url}/tenant` }));

    expect(provider).toMatchObject({
      issuer: `${issuer.url}/tenant`,
      deviceAuthorizationEndpoint: `${issuer.url}/device`,
      grantTypes: ['DEVICE_CODE', 'AUTHORIZATION_CODE'],
      tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC',
      pkce: false,
    });
    expect(issuer.asked).toEqual([`/tenant${OIDC}`, `${RFC_8414}/tenant`]);
  });

  it('keeps the issuer as the document spells it', async () => {
    issuer.documents.set(OIDC, { body: issuer.metadata('', { issuer: `${issuer.url}/` }) });

    const { provider } = await mutate(callers.manager, WITH_SETTINGS, fresh());

    expect(provider.issuer).toBe(`${issuer.url}/`);
  });

  it('lets what is given win over the document', async () => {
    const { provider } = await mutate(
      callers.manager,
      WITH_SETTINGS,
      fresh({
        name: 'Ours',
        tokenEndpoint: 'https://other.example.com/token',
        userinfoEndpoint: null,
        grantTypes: ['CLIENT_CREDENTIALS'],
        client: { clientId: 'ours', clientSecret: 'not a real secret' },
      }),
    );

    expect(provider).toMatchObject({
      name: 'Ours',
      tokenEndpoint: 'https://other.example.com/token',
      userinfoEndpoint: null,
      grantTypes: ['CLIENT_CREDENTIALS'],
      issuer: issuer.url,
      defaultClient: { clientId: 'ours' },
    });
  });

  it('only shows with dryRun what would be saved', async () => {
    const happenedBefore = await countEvents(callers.manager);
    const input = fresh({ dryRun: true });

    const { provider, warnings } = await mutate(callers.manager, WITH_SETTINGS, input);

    expect(provider).toMatchObject({ key: input['key'], tokenEndpoint: `${issuer.url}/token` });
    expect(warnings).toEqual(['HTTPS_REQUIRED']);
    expect(await countEvents(callers.manager)).toBe(happenedBefore);
    const { data } = await callers.manager('query ($key: String) { provider(key: $key) { id } }', {
      key: input['key'],
    });
    expect(data.provider).toBeNull();
  });

  it('tells the audit trail', async () => {
    const input = fresh({ name: 'Discovered' });
    const { provider } = await mutate(callers.manager, DISCOVER, input);

    expect(await trailOf(callers.auditor, provider.id)).toMatchObject([
      {
        action: 'PROVIDER_CREATED',
        actor: { id: callers.ids.manager },
        detail: { key: input['key'], name: 'Discovered' },
      },
    ]);
  });

  it.each([
    ['nothing at all', {}, 404, 'PROVIDER_INVALID_RESPONSE', 'HTTP 404'],
    ['only faults', {}, 503, 'PROVIDER_UNREACHABLE', 'Try again later'],
    ['HTML', '<html>', 200, 'PROVIDER_INVALID_RESPONSE', 'HTML or XML'],
    ['another issuer', { issuer: 'https://other.example.com' }, 200, 'PROVIDER_INVALID_RESPONSE', 'another issuer'],
    ['no token endpoint', { token_endpoint: '' }, 200, 'PROVIDER_INVALID_RESPONSE', 'token_endpoint'],
    ['metadata addresses', { jwks_uri: 'http://169.254.169.254/' }, 200, 'PROVIDER_INVALID_RESPONSE', 'jwks_uri'],
    ['a list for an endpoint', { token_endpoint: ['a'] }, 200, 'PROVIDER_INVALID_RESPONSE', 'token_endpoint'],
  ])('explains an issuer that publishes %s', async (_what, more, status, code, said) => {
    const body = typeof more === 'string' ? more : issuer.metadata('', more);
    issuer.documents.clear();
    for (const path of [OIDC, RFC_8414]) issuer.documents.set(path, { status, body });

    const payload = await mutate(callers.manager, DISCOVER, fresh());

    expect(payload.provider).toBeNull();
    expect(payload.userErrors).toEqual([{ code, field: ['issuer'], message: expect.stringContaining(said) }]);
  });

  it('explains an issuer that is not there', async () => {
    const gone = await IssuerServer.start();
    const { url } = gone;
    await gone.close();

    const payload = await mutate(callers.manager, DISCOVER, fresh({ issuer: url }));

    expect(payload.userErrors).toMatchObject([{ code: 'PROVIDER_UNREACHABLE', field: ['issuer'] }]);
  });

  itRefuses(() => callers, MANAGERS_ONLY, {
    kind: 'mutation',
    definitions: '$input: DiscoverProviderInput!',
    selection: 'discoverProvider(input: $input) { provider { id } userErrors { code } }',
    variables: () => ({ input: fresh() }),
  });

  itIsIdempotent(
    () => ({ hub, callers }),
    DISCOVER,
    fresh,
    { tokenEndpoint: null },
    async (id) => {
      await callers.manager('mutation ($id: ID!) { deleteProvider(input: { id: $id }) { deletedId } }', { id });
    },
  );

  itNamesProblems(() => callers, DISCOVER, fresh, [
    ...hostileNames('name'),
    ['a key in upper case', { key: 'Key' }, 'INVALID', ['key']],
    ['a well-known location', () => ({ issuer: `${issuer.url}${OIDC}` }), 'INVALID', ['issuer']],
    ['an issuer with a query', () => ({ issuer: `${issuer.url}/?a` }), 'INVALID', ['issuer']],
    ['an issuer with a password', { issuer: 'https://a:b@id.example.com' }, 'INVALID', ['issuer']],
    ['an issuer in the cloud', { issuer: 'http://169.254.169.254' }, 'INVALID', ['issuer']],
    ['an issuer that is a file', { issuer: 'file:///etc/passwd' }, 'INVALID', ['issuer']],
    ['an issuer with a placeholder', { issuer: 'https://id.example.com/{tenant}' }, 'INVALID', ['issuer']],
    ['a parameter of 1 MB', { category: MEGABYTE }, 'INVALID', ['category']],
    ['no grant types', { grantTypes: [] }, 'REQUIRED', ['grantTypes']],
    ['a default client without secret', { client: { clientId: 'a' } }, 'REQUIRED', ['client', 'clientSecret']],
    [
      'a default client without secret, when only looking',
      { client: { clientId: 'a' }, dryRun: true },
      'REQUIRED',
      ['client', 'clientSecret'],
    ],
  ]);

  itRefusesTypes(() => callers, DISCOVER, fresh, [
    ['no issuer', { issuer: null }, 'input.issuer'],
    ['a host for an issuer', { issuer: 'id.example.com' }, 'input.issuer'],
    ['an issuer of 1 MB', { issuer: `https://a/${MEGABYTE}` }, 'input.issuer'],
    ['an issuer with a null byte', { issuer: 'https://a\0' }, 'input.issuer'],
    ['null for dryRun', { dryRun: null }, 'input.dryRun'],
  ]);
});
