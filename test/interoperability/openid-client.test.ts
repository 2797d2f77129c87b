import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import * as openid from 'openid-client';
import { describeEachDatabase } from '../support/databases.js';
import { REDIRECT_URI, type Registered, StandardHub } from './standard-hub.js';

const WITH_PROOF = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;

/** What a client registers, and how it proves itself then. */
async function methods() {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = JSON.stringify({ ...(await exportJWK(publicKey)), alg: 'ES256' });
  return {
    client_secret_basic: [{}, ({ clientSecret }: Registered) => openid.ClientSecretBasic(clientSecret)],
    client_secret_post: [
      { tokenEndpointAuthMethod: 'CLIENT_SECRET_POST' },
      ({ clientSecret }: Registered) => openid.ClientSecretPost(clientSecret),
    ],
    private_key_jwt: [
      { tokenEndpointAuthMethod: 'PRIVATE_KEY_JWT', publicKey: jwk },
      () => openid.PrivateKeyJwt(privateKey),
    ],
    none: [{ tokenEndpointAuthMethod: 'NONE', grantTypes: ['AUTHORIZATION_CODE'] }, () => openid.None()],
  } as const;
}

describeEachDatabase('openid-client', (database) => {
  let hub: StandardHub;
  let ways: Awaited<ReturnType<typeof methods>>;
  const discover = async (method: keyof typeof ways, given: object = {}): Promise<openid.Configuration> => {
    const [settings, authOf] = ways[method];
    const registered = await hub.client({ ...settings, ...given });
    return openid.discovery(new URL(hub.issuer), registered.clientId, undefined, authOf(registered), {
      execute: [openid.allowInsecureRequests],
    });
  };

  beforeAll(async () => {
    hub = await StandardHub.start(await database.freshUrl());
    ways = await methods();
  });
  afterAll(() => hub.stop());

  it.each(WITH_PROOF)('gets, introspects and revokes a token of its own by %s', async (method) => {
    const config = await discover(method, { resourceServer: true });

    const { access_token: token } = await openid.clientCredentialsGrant(config, { scope: 'hub:read' });
    expect(await openid.tokenIntrospection(config, token)).toMatchObject({ active: true, scope: 'hub:read' });
    await openid.tokenRevocation(config, token);
    expect(await openid.tokenIntrospection(config, token)).toMatchObject({ active: false });
  });

  it.each([...WITH_PROOF, 'none'] as const)('logs a person in by %s, and refreshes', async (method) => {
    const config = await discover(method);
    const verifier = openid.randomPKCECodeVerifier();
    const [expectedState, expectedNonce] = [openid.randomState(), openid.randomNonce()];
    const link = openid.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid email',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
    });

    const checks = { pkceCodeVerifier: verifier, expectedState, expectedNonce, idTokenExpected: true };
    const tokens = await openid.authorizationCodeGrant(config, await hub.consent(link.href), checks);
    expect(tokens.claims()).toMatchObject({ sub: hub.person.id, email: hub.person.email });
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(await openid.fetchUserInfo(config, refreshed.access_token, hub.person.id)).toMatchObject({
      sub: hub.person.id,
    });
  });
});
