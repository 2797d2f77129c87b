import { createHmac, createPublicKey, generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import { IdTokens } from '../../src/issuer/id-tokens.js';
import { type JwtAccessTokenFor, JwtAccessTokens } from '../../src/issuer/jwt-access-tokens.js';
import { newValueText } from '../../src/issued-value/value-text.js';
import { SessionTokens } from '../../src/session/session-token.js';
import { type SigningReplica, SigningReplicas } from '../signing-key/signing-key-replicas.js';

const PUBLIC_URL = 'https://hub.example.com';
const FOR: JwtAccessTokenFor = {
  client: { clientId: 'caselle' },
  subject: 'usr_ada',
  resource: [],
  scopes: ['hub:read', 'hub:call'],
};
const PEOPLE = { userId: 'usr_ada', sessionId: 'ses_1' };

let folder: string;
let replicas: SigningReplicas;
let elsewhere: SigningReplicas;
let hub: SigningReplica;
let otherHub: SigningReplica;
let jwts: JwtAccessTokens;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-jwt-'));
  replicas = new SigningReplicas(`sqlite:${join(folder, 'here.sqlite')}`);
  elsewhere = new SigningReplicas(`sqlite:${join(folder, 'elsewhere.sqlite')}`);
  hub = await replicas.start();
  otherHub = await elsewhere.start();
  await hub.keys.published();
  await otherHub.keys.published();
  jwts = new JwtAccessTokens(hub.keys, replicas.clock, PUBLIC_URL);
});
afterAll(async () => {
  await replicas.stop();
  await elsewhere.stop();
  await rm(folder, { recursive: true });
});

const now = () => replicas.clock.now();
const inMs = (ms: number) => new Date(replicas.clock.nowMs + ms);
const factsOf = (given = {}) => ({ jti: 'a-jti', issuedAt: now(), expiresAt: inMs(600_000), scopes: null, ...given });
const write = (given: Partial<JwtAccessTokenFor> = {}, facts = {}) => jwts.writer({ ...FOR, ...given })(factsOf(facts));

describe('a JWT access token', () => {
  it('has the header and the claims of RFC 9068', async () => {
    const token = await write();

    const [key] = await hub.keys.published();
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: key?.kid });
    expect(decodeJwt(token)).toEqual({
      iss: PUBLIC_URL,
      aud: `${PUBLIC_URL}/graphql`,
      sub: 'usr_ada',
      client_id: 'caselle',
      iat: replicas.clock.nowMs / 1000,
      exp: replicas.clock.nowMs / 1000 + 600,
      jti: 'a-jti',
      scope: 'hub:read hub:call',
    });
  });

  it.each([
    ['one resource', { resource: ['https://a.example/api'] }, {}, { aud: 'https://a.example/api' }],
    ['two resources', { resource: ['urn:a', 'urn:b'] }, {}, { aud: ['urn:a', 'urn:b'] }],
    ['fewer scopes than its token', {}, { scopes: ['hub:read'] }, { scope: 'hub:read' }],
  ])('with %s says so', async (_what, given, facts, claims) => {
    expect(decodeJwt(await write(given, facts))).toMatchObject(claims);
  });

  it('without scopes has no such claim', async () => {
    expect(decodeJwt(await write({ scopes: [] }))).not.toHaveProperty('scope');
  });

  it('never outlives the row that it stands for', async () => {
    const { exp, iat } = decodeJwt(await write({}, { issuedAt: inMs(999), expiresAt: inMs(600_999) }));

    expect([iat, exp]).toEqual([replicas.clock.nowMs / 1000, replicas.clock.nowMs / 1000 + 600]);
  });

  it('is the same text for the same facts, on a replica too', async () => {
    const replica = await replicas.start();

    const again = new JwtAccessTokens(replica.keys, replicas.clock, PUBLIC_URL).writer(FOR)(factsOf());

    expect(await again).toBe(await write());
    expect(await write({}, { jti: 'another' })).not.toBe(await again);
  });

  it('is valid until it expires, to the second', async () => {
    const token = await write({}, { issuedAt: inMs(-599_999), expiresAt: inMs(1) });
    const expired = await write({}, { issuedAt: inMs(-600_000), expiresAt: now() });

    // Whole seconds: a part of the last one is lost.
    expect(await jwts.verify(await write({}, { expiresAt: inMs(1_000) }))).toEqual({ jti: 'a-jti' });
    expect(await jwts.verify(token)).toBeNull();
    expect(await jwts.verify(expired)).toBeNull();
  });
});

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const headerOf = (token: string) => decodeProtectedHeader(token);
const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** A JWT as somebody makes it who has not the private key. */
function forged(header: object, claims: object, signed: (text: string) => Buffer = withForeignKey): string {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${signed(text).toString('base64url')}`;
}
const withForeignKey = (text: string) => signBytes('sha256', Buffer.from(text), foreign.privateKey);
const withSecret = (secret: string | Buffer) => (text: string) => createHmac('sha256', secret).update(text).digest();

/** A JWT that the hub itself has signed, with other claims than it does. */
async function signedByHub(change: (claims: JWTPayload) => JWTPayload, typ = 'at+jwt'): Promise<string> {
  return hub.keys.sign(change(decodeJwt(await write())), typ, now());
}
const without = (name: string) => (claims: JWTPayload) =>
  Object.fromEntries(Object.entries(claims).filter(([each]) => each !== name));

async function publicJwk() {
  const [jwk] = await hub.keys.published();
  if (!jwk) throw new Error('no key');
  return jwk as { kid: string; n: string };
}
async function publicPem(type: 'spki' | 'pkcs1'): Promise<string> {
  return createPublicKey({ key: await publicJwk(), format: 'jwk' }).export({ type, format: 'pem' }) as string;
}

describe('what is no access token of the hub', () => {
  const attacks: [string, (token: string) => string | Promise<string>][] = [
    ['nothing', () => ''],
    ['a word', () => 'token'],
    ['an opaque token', () => newValueText('accessToken')],
    ['three empty parts', () => '..'],
    ['three parts of garbage', () => 'a.b.c'],
    ['a JWE', () => `${encode({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`],
    ['other letters', () => 'ä.ö.ü'],
    ['100,000 characters', () => 'a'.repeat(100_000)],
    ['a token cut short', (token) => token.slice(0, -8)],
    ['a token without its signature', (token) => token.split('.', 2).join('.') + '.'],
    ['a token twice', (token) => `${token} ${token}`],
    ['other claims under its signature', (token) => tampered(token, { sub: 'usr_eve' })],
    ['a later end under its signature', (token) => tampered(token, { exp: 4_000_000_000 })],
    ['another header', (token) => [encode({ ...headerOf(token), x: 1 }), ...token.split('.').slice(1)].join('.')],
    ['alg none', (token) => forged({ ...headerOf(token), alg: 'none' }, decodeJwt(token), () => Buffer.alloc(0))],
    ['alg None', (token) => forged({ ...headerOf(token), alg: 'None' }, decodeJwt(token), () => Buffer.alloc(0))],
    [
      'alg none with its signature',
      (token) => [encode({ ...headerOf(token), alg: 'none' }), ...token.split('.').slice(1)].join('.'),
    ],
    ['HS256 with the public key as PEM', async (token) => hs256(token, await publicPem('spki'))],
    ['HS256 with the public key as PKCS 1', async (token) => hs256(token, await publicPem('pkcs1'))],
    ['HS256 with the public key as JWK', async (token) => hs256(token, JSON.stringify(await publicJwk()))],
    ['HS256 with the modulus', async (token) => hs256(token, Buffer.from((await publicJwk()).n, 'base64url'))],
    ['HS256 without a secret', (token) => hs256(token, '')],
    ['its kid and another key', (token) => forged(headerOf(token), decodeJwt(token))],
    [
      'its kid and RS512',
      (token) =>
        forged({ ...headerOf(token), alg: 'RS512' }, decodeJwt(token), (text) =>
          signBytes('sha512', Buffer.from(text), foreign.privateKey),
        ),
    ],
    ['a kid that is no id', (token) => forged({ ...headerOf(token), kid: '../../dev/null' }, decodeJwt(token))],
    ['no kid', (token) => forged({ alg: 'RS256', typ: 'at+jwt' }, decodeJwt(token))],
    [
      'a key of its own in the header',
      (token) =>
        forged({ alg: 'RS256', typ: 'at+jwt', jwk: foreign.publicKey.export({ format: 'jwk' }) }, decodeJwt(token)),
    ],
    [
      'the address of a key set in the header',
      (token) => forged({ ...headerOf(token), jku: 'https://evil.example/jwks' }, decodeJwt(token)),
    ],
    [
      'the token of another hub with this name',
      () => new JwtAccessTokens(otherHub.keys, elsewhere.clock, PUBLIC_URL).writer(FOR)(factsOf()),
    ],
    [
      'the same keys under another name',
      () => new JwtAccessTokens(hub.keys, replicas.clock, 'https://other.example').writer(FOR)(factsOf()),
    ],
    [
      'an ID token',
      () =>
        new IdTokens(hub.keys, replicas.clock, PUBLIC_URL).issue({
          clientId: 'caselle',
          user: { id: 'usr_ada', name: 'Ada', email: null },
          scopes: ['openid'],
          nonce: null,
          authenticatedAt: now(),
          accessToken: 'x',
        }),
    ],
    [
      'the session of a person',
      () => new SessionTokens(hub.vault, replicas.clock, PUBLIC_URL).issue(PEOPLE).accessToken,
    ],
    ['the type JWT', () => signedByHub((claims) => claims, 'JWT')],
    ['the type of a session', () => signedByHub((claims) => claims, 'hub-session+jwt')],
    ['no jti', () => signedByHub(without('jti'))],
    ['a jti that is a number', () => signedByHub((claims) => ({ ...claims, jti: 1 as unknown as string }))],
    ['no exp', () => signedByHub(without('exp'))],
    ['an exp that is a text', () => signedByHub((claims) => ({ ...claims, exp: '4000000000' as unknown as number }))],
    ['no client_id', () => signedByHub(without('client_id'))],
    ['an nbf to come', () => signedByHub((claims) => ({ ...claims, nbf: replicas.clock.nowMs / 1000 + 1 }))],
  ];

  it.each(attacks)('as %s is refused', async (_what, attack) => {
    const token = await write();

    expect(await jwts.verify(await attack(token))).toBeNull();
    expect(await jwts.verify(token)).toEqual({ jti: 'a-jti' });
  });

  it('is as little a session: each is refused in the place of the other', async () => {
    const sessions = new SessionTokens(hub.vault, replicas.clock, PUBLIC_URL);

    const [ofSession, ofMachine] = [sessions.issue(PEOPLE).accessToken, await write()];
    const [session, machine] = [ofSession, ofMachine].map((text) => ({ ...headerOf(text), ...decodeJwt(text) }));
    for (const name of ['alg', 'kid', 'typ', 'iss', 'aud'] as const)
      expect(session?.[name]).not.toEqual(machine?.[name]);
    expect(await sessions.verify(ofMachine)).toBeUndefined();
    expect(await jwts.verify(ofSession)).toBeNull();
    expect(await sessions.verify(sessions.issue(PEOPLE).accessToken)).toEqual(PEOPLE);
  });

  it('is not what could not be looked up', async () => {
    const replica = await replicas.start();
    await replica.keys.published();
    const ofUnknownKey = await new JwtAccessTokens(otherHub.keys, replicas.clock, PUBLIC_URL).writer(FOR)(factsOf());
    replica.repository.findAllNewestFirst = () => Promise.reject(new Error('the database is away'));
    replicas.clock.nowMs += 1_000;
    const first = new JwtAccessTokens(replica.keys, replicas.clock, PUBLIC_URL);

    await expect(first.verify(ofUnknownKey)).rejects.toThrow('away');
  });
});

function tampered(token: string, claims: object): string {
  const [header = '', , signature = ''] = token.split('.');
  return `${header}.${encode({ ...decodeJwt(token), ...claims })}.${signature}`;
}

function hs256(token: string, secret: string | Buffer): string {
  return forged({ ...headerOf(token), alg: 'HS256' }, decodeJwt(token), withSecret(secret));
}
