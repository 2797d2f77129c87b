import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as openid from 'openid-client';
import { describeEachDatabase } from '../support/databases.js';
import { REDIRECT_URI, StandardHub } from './standard-hub.js';

describeEachDatabase('openid-client', (database) => {
  let hub: StandardHub;
  const discover = async (given: Record<string, unknown> = {}): Promise<openid.Configuration> => {
    const { clientId, clientSecret } = await hub.client(given);
    const auth = clientSecret === '' ? openid.None() : openid.ClientSecretBasic(clientSecret);
    return openid.discovery(new URL(hub.issuer), clientId, undefined, auth, {
      execute: [openid.allowInsecureRequests],
    });
  };

  beforeAll(async () => {
    hub = await StandardHub.start(await database.freshUrl());
  });
  afterAll(() => hub.stop());

  it('gets, introspects and revokes a token of its own', async () => {
    const config = await discover({ resourceServer: true });

    const { access_token: token } = await openid.clientCredentialsGrant(config, { scope: 'hub:read' });
    expect(await openid.tokenIntrospection(config, token)).toMatchObject({ active: true, scope: 'hub:read' });
    await openid.tokenRevocation(config, token);
    expect(await openid.tokenIntrospection(config, token)).toMatchObject({ active: false });
  });

  it.each([
    ['a client with a secret', {}],
    ['a public client', { tokenEndpointAuthMethod: 'NONE', grantTypes: ['AUTHORIZATION_CODE'] }],
  ])('logs a person in for %s, and refreshes', async (_what, given) => {
    const config = await discover(given);
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
