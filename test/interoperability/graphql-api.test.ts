import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';
import { mutate } from '../graphql/root/root-field.js';
import { savePerson } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { type Registered, StandardHub } from './standard-hub.js';

const INSECURE = { [oauth.allowInsecureRequests]: true };
const QUERY = '{ providers(first: 1) { nodes { key } } }';
const UPDATE = { field: 'updateClient', inputType: 'UpdateClientInput', selection: 'client { id }' };

describeEachDatabase('the API of the hub as the first protected resource', (database) => {
  let hub: StandardHub;
  let api: URL;
  let as: oauth.AuthorizationServer;
  let runAsId: string;

  beforeAll(async () => {
    hub = await StandardHub.start(await database.freshUrl());
    runAsId = (await savePerson(hub.manager, { roles: ['AUDITOR'] })).id;
    api = new URL(`${hub.issuer}/graphql`);
    // From the address of the API alone, a client finds out all that it needs.
    const described = await oauth.processResourceDiscoveryResponse(
      api,
      await oauth.resourceDiscoveryRequest(api, INSECURE),
    );
    const issuer = new URL(described.authorization_servers?.[0] ?? '');
    as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, INSECURE));
  });
  afterAll(() => hub.stop());

  const machine = (given: object = {}) => hub.client({ grantTypes: ['CLIENT_CREDENTIALS'], runAsId, ...given });

  async function tokenOf({ clientId, clientSecret }: Registered, more: Record<string, string> = {}): Promise<string> {
    const client = { client_id: clientId };
    const asked = new URLSearchParams({ scope: 'hub:read', ...more });
    const auth = oauth.ClientSecretBasic(clientSecret);
    const answer = await oauth.clientCredentialsGrantRequest(as, client, auth, asked, INSECURE);
    return (await oauth.processClientCredentialsResponse(as, client, answer)).access_token;
  }

  async function call(token: string): Promise<{ status: number; body: any }> {
    const headers = new Headers({ 'content-type': 'application/json' });
    const body = JSON.stringify({ query: QUERY });
    try {
      const answer = await oauth.protectedResourceRequest(token, 'POST', api, headers, body, INSECURE);
      return { status: answer.status, body: await answer.json() };
    } catch (error) {
      if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
      return { status: error.status, body: error.cause[0]?.parameters.error };
    }
  }

  const REFUSED = { status: 401, body: 'invalid_token' };

  describe.each(['OPAQUE', 'JWT'])('%s', (accessTokenFormat) => {
    it('takes it, until it is revoked', async () => {
      const registered = await machine({ accessTokenFormat });
      const [token, other] = [await tokenOf(registered), await tokenOf(registered)];
      expect(token.split('.')).toHaveLength(accessTokenFormat === 'JWT' ? 3 : 1);
      expect(await call(token)).toMatchObject({ status: 200, body: { data: { providers: { nodes: [{}] } } } });

      const client = { client_id: registered.clientId };
      const auth = oauth.ClientSecretBasic(registered.clientSecret);
      await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, token, INSECURE));

      expect(await call(token)).toEqual(REFUSED);
      expect((await call(other)).status).toBe(200);
    });

    it('takes none that is for another resource, and one that is for the API', async () => {
      const registered = await machine({ accessTokenFormat });

      expect(await call(await tokenOf(registered, { resource: 'https://files.example.com/' }))).toEqual(REFUSED);
      expect((await call(await tokenOf(registered, { resource: api.href }))).status).toBe(200);
    });

    it('takes none any more once its client is off', async () => {
      const registered = await machine({ accessTokenFormat });
      const token = await tokenOf(registered);
      await mutate(hub.manager, UPDATE, { id: registered.id, enabled: false });

      expect(await call(token)).toEqual(REFUSED);
    });
  });

  it('gives JWTs for ten minutes and no longer, whatever the client is set to', async () => {
    const registered = await machine({ accessTokenFormat: 'JWT', automaticAuthorization: true });
    const { exp = Infinity, iat = 0 } = decodeJwt(await tokenOf(registered));

    expect(exp - iat).toBe(600);
  });

  it('takes no JWT that somebody else has signed, whatever it says', async () => {
    const real = await tokenOf(await machine({ accessTokenFormat: 'JWT' }));
    const [header, claims] = real.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    const { privateKey } = await oauth.generateKeyPair('RS256');
    const forged = new SignJWT(JSON.parse(claims ?? '')).setProtectedHeader(JSON.parse(header ?? ''));

    expect(await call(await forged.sign(privateKey))).toEqual(REFUSED);
    expect((await call(real)).status).toBe(200);
  });
});
