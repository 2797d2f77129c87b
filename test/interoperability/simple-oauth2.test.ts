import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuthorizationCode, ClientCredentials, type ModuleOptions } from 'simple-oauth2';
import { describeEachDatabase } from '../support/databases.js';
import { REDIRECT_URI, StandardHub } from './standard-hub.js';

describeEachDatabase('simple-oauth2', (database) => {
  let hub: StandardHub;

  beforeAll(async () => {
    hub = await StandardHub.start(await database.freshUrl());
  });
  afterAll(() => hub.stop());

  describe.each(['header', 'body'] as const)('with its secret in the %s', (authorizationMethod) => {
    const options = async (): Promise<ModuleOptions> => {
      const { clientId: id, clientSecret: secret } = await hub.client();
      return {
        client: { id, secret },
        auth: {
          tokenHost: hub.issuer,
          tokenPath: '/oauth/token',
          revokePath: '/oauth/revoke',
        },
        options: { authorizationMethod },
      };
    };

    it('gets a token of its own and revokes it', async () => {
      const token = await new ClientCredentials(await options()).getToken({ scope: 'hub:read' });

      expect(token.token).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
      expect(token.expired()).toBe(false);
      await token.revoke('access_token');
    });

    it('gets tokens of a person by code with PKCE, and refreshes', async () => {
      const flow = new AuthorizationCode(await options());
      const verifier = randomBytes(32).toString('base64url');
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      const link = flow.authorizeURL({
        redirect_uri: REDIRECT_URI,
        scope: 'hub:read',
        state: 'the state',
        ...{ code_challenge: challenge, code_challenge_method: 'S256' },
      });
      const code = (await hub.consent(link)).searchParams.get('code') ?? '';

      const spent = { code, redirect_uri: REDIRECT_URI, ...{ code_verifier: verifier } };
      const token = await flow.getToken(spent);
      const refreshed = await token.refresh();

      expect(refreshed.token['refresh_token']).not.toBe(token.token['refresh_token']);
      await refreshed.revoke('refresh_token');
      await expect(refreshed.refresh()).rejects.toMatchObject({ output: { statusCode: 400 } });
    });
  });
});
