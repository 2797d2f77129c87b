import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { describeEachDatabase } from '../support/databases.js';
import { TestHub } from '../support/hub.js';
import { IssuerHub } from './issuer-hub.js';
import { postForm } from './oauth-caller.js';
import type { ThirdParty } from './third-parties.js';

const ISSUER = 'http://localhost:4000';
const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const ALGORITHMS = ['RS256', 'RS512', 'PS384', 'ES256', 'ES384', 'EdDSA', 'Ed25519'] as const;
let made = 0;

interface KeyPair {
  privateKey: CryptoKey;
  jwk: JWK;
}

async function keyPair(alg: string, kid: string): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig' } };
}

const seconds = () => Math.floor(Date.now() / 1000);

function claimsOf({ row }: ThirdParty, given: Record<string, unknown> = {}): Record<string, unknown> {
  const jti = `assertion-${(made += 1)}`;
  const now = seconds();
  return { iss: row.clientId, sub: row.clientId, aud: ISSUER, iat: now, exp: now + 60, jti, ...given };
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describeEachDatabase('a client that signs assertions', (database) => {
  let issuer: IssuerHub;
  let client: ThirdParty;
  const keys = new Map<string, KeyPair>();

  beforeAll(async () => {
    issuer = await IssuerHub.start(database);
    for (const alg of ALGORITHMS) keys.set(alg, await keyPair(alg, `key of ${alg}`));
    const publicKeys = JSON.stringify({ keys: [...keys.values()].map(({ jwk }) => jwk) });
    client = await issuer.parties.client({ tokenEndpointAuthMethod: 'PRIVATE_KEY_JWT', publicKeys });
  });
  afterAll(() => issuer.stop());

  const keyOf = (alg: string): KeyPair => {
    const pair = keys.get(alg);
    if (!pair) throw new Error(`No key for ${alg}`);
    return pair;
  };
  const signed = (claims: Record<string, unknown>, alg = 'ES256', header: Record<string, unknown> = {}) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg, kid: keyOf(alg).jwk.kid ?? '', ...header })
      .sign(keyOf(alg).privateKey);
  const send = (assertion: string, more: Record<string, string> = {}) =>
    issuer.token({
      grant_type: 'client_credentials',
      client_assertion: assertion,
      client_assertion_type: TYPE,
      ...more,
    });

  it.each(ALGORITHMS)('is recognised by one with %s', async (alg) => {
    const { body, status } = await send(await signed(claimsOf(client), alg));

    expect([status, body.token_type]).toEqual([200, 'Bearer']);
  });

  it('may name itself besides, and no key', async () => {
    const assertion = await signed(claimsOf(client, { aud: [ISSUER] }), 'ES256', { kid: undefined });

    expect((await send(assertion, { client_id: client.row.clientId })).status).toBe(200);
  });

  it.each<[string, (now: number) => Record<string, unknown>]>([
    ['another issuer', () => ({ iss: 'another' })],
    ['the token endpoint as audience', () => ({ aud: `${ISSUER}/oauth/token` })],
    ['the issuer with a slash as audience', () => ({ aud: `${ISSUER}/` })],
    ['an audience besides', () => ({ aud: [ISSUER, 'https://other.example.com'] })],
    ['no audience', () => ({ aud: undefined })],
    ['no end', () => ({ exp: undefined })],
    ['an end that has passed', (now) => ({ exp: now - 60 })],
    ['an end too far ahead', (now) => ({ exp: now + 360 })],
    ['an end that is no number', (now) => ({ exp: String(now + 60) })],
    ['a beginning in the future', (now) => ({ nbf: now + 120 })],
    ['an issue in the future', (now) => ({ iat: now + 120 })],
    ['an issue long ago', (now) => ({ iat: now - 3600 })],
    ['no jti', () => ({ jti: undefined })],
    ['an empty jti', () => ({ jti: '' })],
    ['a jti that is no text', () => ({ jti: 7 })],
    ['a jti without end', () => ({ jti: 'x'.repeat(256) })],
  ])('is refused with %s', async (_case, change) => {
    const { body, status } = await send(await signed(claimsOf(client, change(seconds()))));

    expect([status, body.error]).toEqual([401, 'invalid_client']);
  });

  it('is refused with an assertion of another client', async () => {
    const own = await keyPair('ES256', 'own');
    const publicKeys = JSON.stringify({ keys: [own.jwk] });
    const other = await issuer.parties.client({ tokenEndpointAuthMethod: 'PRIVATE_KEY_JWT', publicKeys });

    const { body, status } = await send(await signed(claimsOf(other)));
    const mixed = await send(await signed(claimsOf(client)), { client_id: other.row.clientId });

    expect([status, body.error]).toEqual([401, 'invalid_client']);
    expect([mixed.status, mixed.body.error]).toEqual([400, 'invalid_request']);
  });

  it('is refused without a signature, and with one by what everybody knows', async () => {
    const { jwk } = keyOf('RS256');
    const claims = claimsOf(client);
    const none = `${encoded({ alg: 'none' })}.${encoded(claims)}.`;
    const hashedWith = (secret: string | Buffer) => {
      const text = `${encoded({ alg: 'HS256', kid: jwk.kid })}.${encoded(claims)}`;
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
    };
    const pem = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' });

    for (const assertion of [none, `${none}AAAA`, hashedWith(pem), hashedWith(String(jwk.n)), hashedWith('')])
      expect((await send(assertion)).body.error).toBe('invalid_client');
  });

  it('is refused with a key that is not its own, whatever that is called', async () => {
    const foreign = await keyPair('ES256', 'foreign');
    const by = (kid: string) =>
      new SignJWT(claimsOf(client)).setProtectedHeader({ alg: 'ES256', kid }).sign(foreign.privateKey);

    expect((await send(await by('foreign'))).body.error).toBe('invalid_client');
    expect((await send(await by('key of ES256'))).body.error).toBe('invalid_client');
    // Its own key under another's name.
    const wrongName = await signed(claimsOf(client), 'ES256', { kid: 'foreign' });
    expect((await send(wrongName)).body.error).toBe('invalid_client');
  });

  it('is refused with a key for another use or algorithm, or without one', async () => {
    const { jwk } = keyOf('RS256');
    for (const key of [
      { ...jwk, use: 'enc' },
      { ...jwk, alg: 'PS256' },
      { kty: 'oct', k: 'c2VjcmV0', kid: jwk.kid },
    ]) {
      const publicKeys = JSON.stringify({ keys: [key] });
      const other = await issuer.parties.client({ tokenEndpointAuthMethod: 'PRIVATE_KEY_JWT', publicKeys });
      expect((await send(await signed(claimsOf(other), 'RS256'))).body.error).toBe('invalid_client');
    }
    const bare = await issuer.parties.client({ tokenEndpointAuthMethod: 'PRIVATE_KEY_JWT', publicKeys: null });
    expect((await send(await signed(claimsOf(bare), 'RS256'))).body.error).toBe('invalid_client');
  });

  it('is told what its request lacks', async () => {
    const assertion = await signed(claimsOf(client));

    for (const form of [
      { client_assertion: assertion },
      { client_assertion_type: TYPE, client_id: client.row.clientId },
      {
        client_assertion: assertion,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
      },
    ]) {
      const { body, status } = await issuer.token({ grant_type: 'client_credentials', ...form });
      expect([status, body.error]).toEqual([400, 'invalid_request']);
    }
    expect((await send('not a JWT')).body.error).toBe('invalid_client');
  });

  it('comes in once with each, and once only when it is sent many times at once', async () => {
    const assertion = await signed(claimsOf(client));
    const again = await signed(claimsOf(client));

    const answers = await Promise.all(Array.from({ length: 10 }, () => send(assertion)));

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await send(again)).status).toBe(200);
    expect((await send(again)).body.error).toBe('invalid_client');
  });

  it('may use the jti of another client', async () => {
    const { jwk } = keyOf('ES256');
    const publicKeys = JSON.stringify({ keys: [jwk] });
    const other = await issuer.parties.client({ tokenEndpointAuthMethod: 'PRIVATE_KEY_JWT', publicKeys });
    const jti = 'the same';

    expect((await send(await signed(claimsOf(client, { jti })))).status).toBe(200);
    expect((await send(await signed(claimsOf(other, { jti })))).status).toBe(200);
  });

  it('leaves nothing behind once its assertions could not be used any more', async () => {
    await send(await signed(claimsOf(client)));
    const { writer } = issuer.parties.database;
    await writer.query("UPDATE client_assertion SET expiresAt = '2026-01-01 00:00:00.000'");
    await send(await signed(claimsOf(client)));

    await issuer.hub.app.purge();

    expect(await issuer.parties.count('client_assertion')).toBe(1);
  });

  if (database.dialect === 'mysql')
    it('comes in once, whatever replica it is sent to', async () => {
      const replica = await TestHub.start({ databaseUrl: issuer.databaseUrl });
      const assertion = await signed(claimsOf(client));
      const form = { grant_type: 'client_credentials', client_assertion: assertion, client_assertion_type: TYPE };

      const answers = await Promise.all(
        Array.from({ length: 10 }, (_each, index) =>
          postForm(`${(index % 2 ? replica : issuer.hub).url}/oauth/token`, form),
        ),
      );
      await replica.stop();

      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    });
});
