import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { describeEachDatabase } from '../support/databases.js';
import { REDIRECT_URI, type Registered, StandardHub } from './standard-hub.js';

const INSECURE = { [oauth.allowInsecureRequests]: true };
const RESOURCE_SERVER = { name: 'A resource server', resourceServer: true, grantTypes: ['CLIENT_CREDENTIALS'] };

/** How a client proves itself, and what it registers for that. */
async function methods() {
  const keys = await oauth.generateKeyPair('ES256', { extractable: true });
  const publicKey = JSON.stringify({ ...(await crypto.subtle.exportKey('jwk', keys.publicKey)), alg: 'ES256' });
  return {
    client_secret_basic: [{}, ({ clientSecret }: Registered) => oauth.ClientSecretBasic(clientSecret)],
    client_secret_post: [
      { tokenEndpointAuthMethod: 'CLIENT_SECRET_POST' },
      ({ clientSecret }: Registered) => oauth.ClientSecretPost(clientSecret),
    ],
    private_key_jwt: [
      { tokenEndpointAuthMethod: 'PRIVATE_KEY_JWT', publicKey },
      () => oauth.PrivateKeyJwt(keys.privateKey),
    ],
    none: [{ tokenEndpointAuthMethod: 'NONE', grantTypes: ['AUTHORIZATION_CODE'] }, () => oauth.None()],
  } as const;
}

describeEachDatabase('oauth4webapi', (database) => {
  let hub: StandardHub;
  let as: oauth.AuthorizationServer;
  let ways: Awaited<ReturnType<typeof methods>>;
  let server: Registered;

  beforeAll(async () => {
    hub = await StandardHub.start(await database.freshUrl());
    ways = await methods();
    server = await hub.client(RESOURCE_SERVER);
    const issuer = new URL(hub.issuer);
    const answer = await oauth.discoveryRequest(issuer, { algorithm: 'oidc', ...INSECURE });
    as = await oauth.processDiscoveryResponse(issuer, answer);
  });
  afterAll(() => hub.stop());

  it('finds the hub by RFC 8414 too, with the same endpoints', async () => {
    const issuer = new URL(hub.issuer);
    const answer = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...INSECURE });
    const found = await oauth.processDiscoveryResponse(issuer, answer);

    expect(found.token_endpoint).toBe(as.token_endpoint);
    expect(found.introspection_endpoint).toBe(as.introspection_endpoint);
  });

  const introspect = async (token: string) => {
    const client = { client_id: server.clientId };
    const auth = oauth.ClientSecretBasic(server.clientSecret);
    const answer = await oauth.introspectionRequest(as, client, auth, token, INSECURE);
    return oauth.processIntrospectionResponse(as, client, answer);
  };

  it('checks what a resource server is told that asks for it as a signed JWT', async () => {
    const client = { client_id: server.clientId };
    const auth = oauth.ClientSecretBasic(server.clientSecret);
    const given = await oauth.clientCredentialsGrantRequest(as, client, auth, {}, INSECURE);
    const { access_token: token } = await oauth.processClientCredentialsResponse(as, client, given);
    const options = { ...INSECURE, requestJwtResponse: true };

    const answer = await oauth.introspectionRequest(as, client, auth, token, options);
    const told = await oauth.processIntrospectionResponse(as, client, answer);
    await oauth.validateApplicationLevelSignature(as, answer, INSECURE);

    expect(told).toMatchObject({ active: true, client_id: server.clientId });
  });

  describe.each(['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const)('%s', (method) => {
    it('gets a token by client credentials, which is active until it is revoked', async () => {
      const [settings, authOf] = ways[method];
      const registered = await hub.client(settings);
      const client = { client_id: registered.clientId };
      const auth = authOf(registered);
      const asked = new URLSearchParams({ scope: 'hub:read' });
      const answer = await oauth.clientCredentialsGrantRequest(as, client, auth, asked, INSECURE);
      const { access_token: token, ...rest } = await oauth.processClientCredentialsResponse(as, client, answer);

      expect(rest).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: 'hub:read' });
      expect(await introspect(token)).toMatchObject({ active: true, client_id: client.client_id, scope: 'hub:read' });

      await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, token, INSECURE));
      expect(await introspect(token)).toEqual({ active: false });
    });
  });

  describe.each(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const)('%s', (method) => {
    it('gets tokens of a person by code with PKCE, refreshes them, and learns who it is', async () => {
      const [settings, authOf] = ways[method];
      const registered = await hub.client(settings);
      const client = { client_id: registered.clientId };
      const auth = authOf(registered);
      const [verifier, state, nonce] = [
        oauth.generateRandomCodeVerifier(),
        oauth.generateRandomState(),
        oauth.generateRandomNonce(),
      ];
      const link = new URL(as.authorization_endpoint ?? '');
      link.search = new URLSearchParams({
        client_id: client.client_id,
        redirect_uri: REDIRECT_URI,
        response_type: 'code',
        scope: 'openid email hub:read',
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      }).toString();

      const back = oauth.validateAuthResponse(as, client, await hub.consent(link.href), state);
      const answer = await oauth.authorizationCodeGrantRequest(
        as,
        client,
        auth,
        back,
        REDIRECT_URI,
        verifier,
        INSECURE,
      );
      const options = { expectedNonce: nonce, requireIdToken: true };
      const first = await oauth.processAuthorizationCodeResponse(as, client, answer, options);
      await oauth.validateApplicationLevelSignature(as, answer, INSECURE);
      expect(oauth.getValidatedIdTokenClaims(first)).toMatchObject({ sub: hub.person.id, aud: client.client_id });

      const refreshed = await oauth.refreshTokenGrantRequest(as, client, auth, first.refresh_token ?? '', INSECURE);
      const second = await oauth.processRefreshTokenResponse(as, client, refreshed);
      expect(second.refresh_token).not.toBe(first.refresh_token);
      expect(await introspect(second.access_token)).toMatchObject({ active: true, sub: hub.person.id });

      const userinfo = await oauth.userInfoRequest(as, client, second.access_token, INSECURE);
      expect(await oauth.processUserInfoResponse(as, client, hub.person.id, userinfo)).toMatchObject({
        email: hub.person.email,
      });
    });
  });

  it('checks a JWT access token with the keys of the hub', async () => {
    const registered = await hub.client({ accessTokenFormat: 'JWT', grantTypes: ['CLIENT_CREDENTIALS'] });
    const client = { client_id: registered.clientId };
    const resource = 'https://orders.example.com/';
    const auth = oauth.ClientSecretBasic(registered.clientSecret);
    const asked = new URLSearchParams({ resource, scope: 'hub:read' });
    const answer = await oauth.clientCredentialsGrantRequest(as, client, auth, asked, INSECURE);
    const { access_token: token, expires_in: lifetime } = await oauth.processClientCredentialsResponse(
      as,
      client,
      answer,
    );

    const request = new Request(resource, { headers: { authorization: `Bearer ${token}` } });
    const claims = await oauth.validateJwtAccessToken(as, request, resource, INSECURE);
    expect(claims).toMatchObject({ client_id: client.client_id, scope: 'hub:read', iss: hub.issuer });
    expect(lifetime).toBe(600);
    await expect(oauth.validateJwtAccessToken(as, request, 'https://other.example.com/', INSECURE)).rejects.toThrow();
  });

  it('is told invalid_client for a wrong secret, as the standard says', async () => {
    const { clientId } = await hub.client();
    const client = { client_id: clientId };
    const wrong = oauth.ClientSecretBasic('not the secret');
    const answer = await oauth.clientCredentialsGrantRequest(as, client, wrong, new URLSearchParams(), INSECURE);

    expect([answer.status, await answer.clone().json()]).toMatchObject([401, { error: 'invalid_client' }]);
    await expect(oauth.processClientCredentialsResponse(as, client, answer)).rejects.toMatchObject({
      cause: [{ scheme: 'basic' }],
    });
  });
});
