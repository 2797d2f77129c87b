import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet } from 'jose';
import { allowInsecureRequests, processResourceDiscoveryResponse, resourceDiscoveryRequest } from 'oauth4webapi';
import { TestHub } from '../support/hub.js';
import { freePort } from '../token/token-life.js';

const AUTHORIZATION_SERVER = '/.well-known/oauth-authorization-server';
const OPENID = '/.well-known/openid-configuration';
const RESOURCE = '/.well-known/oauth-protected-resource';
const JWKS = '/oauth/jwks';
const PATHS = [AUTHORIZATION_SERVER, OPENID, RESOURCE, `${RESOURCE}/graphql`, JWKS];

describe('the documents about the hub', () => {
  let hub: TestHub;
  let url: string;
  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    hub = await TestHub.start({ port, env: { PUBLIC_URL: url, HUB_ALLOWED_ORIGINS: 'https://app.example.com' } });
  });
  afterAll(() => hub.stop());

  const read = async (path: string) => (await fetch(hub.url + path)).json();

  it('say what it can do as an authorization server', async () => {
    const methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];
    const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA', 'Ed25519'];
    expect(await read(AUTHORIZATION_SERVER)).toEqual({
      issuer: url,
      authorization_endpoint: `${url}/oauth/authorize`,
      token_endpoint: `${url}/oauth/token`,
      jwks_uri: `${url}/oauth/jwks`,
      scopes_supported: [
        ...['hub:read', 'hub:manage', 'hub:secrets', 'hub:call', 'hub:audit'],
        ...['openid', 'profile', 'email', 'offline_access'],
      ],
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
      token_endpoint_auth_methods_supported: [...methods, 'none'],
      token_endpoint_auth_signing_alg_values_supported: algorithms,
      revocation_endpoint: `${url}/oauth/revoke`,
      revocation_endpoint_auth_methods_supported: [...methods, 'none'],
      revocation_endpoint_auth_signing_alg_values_supported: algorithms,
      introspection_endpoint: `${url}/oauth/introspect`,
      introspection_endpoint_auth_methods_supported: methods,
      introspection_endpoint_auth_signing_alg_values_supported: algorithms,
      introspection_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    });
  });

  it('say the same and more to OpenID Connect', async () => {
    expect(await read(OPENID)).toEqual({
      ...((await read(AUTHORIZATION_SERVER)) as object),
      userinfo_endpoint: `${url}/oauth/userinfo`,
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      claims_supported: ['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'at_hash', 'name', 'email'],
      claims_parameter_supported: false,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
    });
  });

  it.each(['', '/graphql'])('say who gives tokens for the resource %j, to a library too', async (path) => {
    expect(await read(RESOURCE + path)).toEqual({
      resource: url + path,
      authorization_servers: [url],
      scopes_supported: ['hub:read', 'hub:manage', 'hub:secrets', 'hub:call', 'hub:audit'],
      bearer_methods_supported: ['header'],
      resource_name: 'Integration Hub',
    });
    const asked = new URL(url + path);
    const answer = await resourceDiscoveryRequest(asked, { [allowInsecureRequests]: true });
    expect(await processResourceDiscoveryResponse(asked, answer)).toMatchObject({ authorization_servers: [url] });
  });

  it('have the public keys, and nothing private', async () => {
    const set = (await read(JWKS)) as { keys: object[] };

    expect(set).toEqual({
      keys: [
        { kty: 'RSA', use: 'sig', alg: 'RS256', kid: expect.stringMatching(/^sgk_/), n: expect.any(String), e: 'AQAB' },
      ],
    });
    expect(await createLocalJWKSet(set)({ alg: 'RS256' })).toMatchObject({ type: 'public' });
  });

  it.each(PATHS)('are for every page and every cache: %s', async (path) => {
    for (const origin of ['https://anybody.example', 'https://app.example.com']) {
      const { headers, status } = await fetch(hub.url + path, { headers: { origin } });

      expect(status).toBe(200);
      expect(headers.get('content-type')).toMatch(/^application\/json/);
      expect(headers.get('cache-control')).toBe('public, max-age=300');
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-allow-credentials')).toBeNull();
      expect(headers.get('vary')).toBeNull();
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('leave every other answer to the origins that may, and to no cache', async () => {
    const headers = { origin: 'https://anybody.example', 'content-type': 'application/json' };
    const answer = await fetch(`${hub.url}/graphql`, { method: 'POST', headers, body: '{"query":"{ __typename }"}' });

    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('are enough for another hub to make a provider of this one', async () => {
    const other = await TestHub.start();
    try {
      const ask = await other.asManager();
      const { data } = await ask(
        `mutation ($input: DiscoverProviderInput!) { discoverProvider(input: $input) {
          provider { issuer authorizationEndpoint tokenEndpoint revocationEndpoint introspectionEndpoint userinfoEndpoint
            pkce grantTypes tokenEndpointAuthMethod }
          userErrors { code message } } }`,
        { input: { issuer: url, key: 'other-hub' } },
      );

      expect(data.discoverProvider).toEqual({
        provider: {
          issuer: url,
          authorizationEndpoint: `${url}/oauth/authorize`,
          tokenEndpoint: `${url}/oauth/token`,
          revocationEndpoint: `${url}/oauth/revoke`,
          introspectionEndpoint: `${url}/oauth/introspect`,
          userinfoEndpoint: `${url}/oauth/userinfo`,
          pkce: true,
          grantTypes: expect.arrayContaining(['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS']),
          tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC',
        },
        userErrors: [],
      });
    } finally {
      await other.stop();
    }
  });
});
