import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { importPKCS8, SignJWT } from 'jose';
import { codeChallenge } from '../../src/oauth/authorization-binding.js';
import { REDIRECT_URI, type Registered, StandardHub } from '../interoperability/standard-hub.js';
import { describeEachDatabase } from '../support/databases.js';
import { secretsIn } from './secret-records.js';
import { TableRows } from './table-rows.js';

const VERIFIER = 'v'.repeat(64);
const REQUEST = `mutation ($input: RequestTokenInput!) { requestToken(input: $input) { accessToken userErrors { message } } }`;

describeEachDatabase('what the hub issues', (database) => {
  const secrets = new Map<string, string>();
  const logged: string[] = [];
  let hub: StandardHub;
  let rows: TableRows;
  let url: string;

  beforeAll(async () => {
    url = await database.freshUrl();
    hub = await StandardHub.start(url, (line) => void logged.push(line));
    rows = new TableRows(url);
    const client = await hub.client({ resourceServer: true });
    secrets.set('a client secret', client.clientSecret);
    await bySecret(client);
    await byAssertion();
    await byConsent(client);
    await readable();
  });
  afterAll(async () => {
    await rows.close();
    await hub.stop();
  });

  async function post(path: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<any> {
    const answer = await fetch(`${hub.hub.url}${path}`, { method: 'POST', body: new URLSearchParams(form), headers });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    return answer.json();
  }

  const basic = ({ clientId, clientSecret }: Registered) => {
    const encoded = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    secrets.set('the header of a client', encoded);
    return { authorization: `Basic ${encoded}` };
  };

  async function bySecret(client: Registered): Promise<void> {
    const { clientId: client_id, clientSecret: client_secret } = client;
    const answer = await post('/oauth/token', { grant_type: 'client_credentials' }, basic(client));
    secrets.set('an access token', answer.access_token);
    await useAndEnd(client, answer.access_token);
    const jwt = await hub.client({ accessTokenFormat: 'JWT' });
    secrets.set('a JWT', (await post('/oauth/token', { grant_type: 'client_credentials' }, basic(jwt))).access_token);
    const wrong = { grant_type: 'client_credentials', client_id, client_secret: `${client_secret}x` };
    expect((await post('/oauth/token', wrong)).error).toBe('invalid_client');
    await post('/oauth/token', { ...wrong, client_secret, redirect_uri: REDIRECT_URI, grant_type: 'nonsense' });
  }

  async function useAndEnd(client: Registered, token: string): Promise<void> {
    await hub.hub.ask('{ viewer { id } }', {}, token);
    await fetch(`${hub.hub.url}/oauth/userinfo?access_token=${token}`);
    expect((await post('/oauth/introspect', { token }, basic(client))).active).toBe(true);
    expect(await post('/oauth/revoke', { token }, basic(client))).toEqual({});
    await hub.hub.ask('{ viewer { id } }', {}, token);
  }

  async function byAssertion(): Promise<void> {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const client = await hub.client({
      tokenEndpointAuthMethod: 'PRIVATE_KEY_JWT',
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
    });
    const key = await importPKCS8(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'EdDSA');
    const assertion = await new SignJWT({ jti: 'once' })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setIssuer(client.clientId)
      .setSubject(client.clientId)
      .setAudience(hub.issuer)
      .setExpirationTime('1m')
      .sign(key);
    secrets.set('an assertion', assertion);
    const form = {
      grant_type: 'client_credentials',
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    };
    expect((await post('/oauth/token', form)).token_type).toBe('Bearer');
    expect((await post('/oauth/token', form)).error).toBe('invalid_client');
  }

  async function byConsent(client: Registered): Promise<void> {
    const asked = {
      response_type: 'code',
      client_id: client.clientId,
      redirect_uri: REDIRECT_URI,
      scope: 'openid email hub:read',
      code_challenge: codeChallenge(VERIFIER),
      code_challenge_method: 'S256',
    };
    const back = await hub.consent(`${hub.issuer}/oauth/authorize?${new URLSearchParams(asked).toString()}`);
    const code = back.searchParams.get('code') ?? '';
    const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, code_verifier: VERIFIER };
    const first = await post('/oauth/token', form, basic(client));
    const refresh = { grant_type: 'refresh_token', refresh_token: first.refresh_token };
    const second = await post('/oauth/token', refresh, basic(client));
    const { password } = hub.person;
    for (const [of, value] of Object.entries({ code, VERIFIER, password })) secrets.set(of, value);
    for (const answer of [first, second])
      for (const name of ['access_token', 'refresh_token', 'id_token'])
        if (answer[name] !== undefined) secrets.set(`${name} ${secrets.size}`, answer[name]);
  }

  /** Kept by the hub, sealed. */
  async function readable(): Promise<void> {
    const { id } = await hub.client({ tokenStorage: 'RECOVERABLE', grantTypes: ['CLIENT_CREDENTIALS'] });
    const { data } = await hub.manager(REQUEST, {
      input: { name: 'Readable', clientId: id, grantType: 'CLIENT_CREDENTIALS' },
    });
    secrets.set('a readable token', data.requestToken.accessToken);
  }

  it('is all there, and looked for', () => {
    expect([...secrets.values()].every((value) => typeof value === 'string' && value.length >= 8)).toBe(true);
    expect(secrets.size).toBeGreaterThanOrEqual(12);
  });

  it('is nowhere in a log that tells everything', () => {
    expect(logged.length).toBeGreaterThan(20);
    expect(secretsIn(Buffer.from(logged.join('\n')), secrets)).toEqual([]);
  });

  it('is nowhere in a dump of the database', async () => {
    const dump = [...(await rows.readAll()).values()].join('\n');

    expect(dump.includes('Readable')).toBe(true);
    expect(secretsIn(Buffer.from(dump), secrets)).toEqual([]);
  });
});
