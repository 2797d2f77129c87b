import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { readPublicKeys } from '../../src/client/public-keys.js';

const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const P256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const P384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const ED25519 = generateKeyPairSync('ed25519');

const NAMES = Array.from({ length: 10 }, (_, index) => `${index}`.padEnd(100, 'x'));

const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const jwk = (key: KeyObject, more: object = {}) => ({ ...key.export({ format: 'jwk' }), ...more });
const json = (value: unknown) => JSON.stringify(value);

function keysOf(text: string): unknown[] {
  const read = readPublicKeys(text);
  if ('problem' in read) throw new Error(read.problem.message);
  return (JSON.parse(read.keySet) as { keys: unknown[] }).keys;
}

function faultOf(text: string): string {
  const read = readPublicKeys(text);
  if (!('problem' in read)) throw new Error('It was taken');
  expect(read.problem).toMatchObject({ code: 'INVALID', field: ['publicKey'] });
  return read.problem.message;
}

describe('readPublicKeys', () => {
  it.each([
    ['RSA', RSA],
    ['EC P-256', P256],
    ['EC P-384', P384],
    ['Ed25519', ED25519],
  ])('reads a key of %s as PEM, as JSON Web Key and in a set alike', (_kind, { publicKey }) => {
    const expected = [jwk(publicKey, { use: 'sig' })];

    expect(keysOf(`\n${pem(publicKey)}\n`)).toEqual(expected);
    expect(keysOf(json(jwk(publicKey)))).toEqual(expected);
    expect(keysOf(json({ keys: [jwk(publicKey)] }))).toEqual(expected);
  });

  it('keeps the name and algorithm of each key of a set, and nothing that it does not know', () => {
    const one = jwk(P256.publicKey, { kid: '2026-11', alg: 'ES256', use: 'sig', x5u: 'https://example.com/' });

    const keys = keysOf(json({ keys: [one, jwk(RSA.publicKey)] }));

    expect(keys).toEqual([
      jwk(P256.publicKey, { kid: '2026-11', alg: 'ES256', use: 'sig' }),
      jwk(RSA.publicKey, { use: 'sig' }),
    ]);
  });

  it.each([
    ['PKCS #8', RSA.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['PKCS #1', RSA.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
    ['SEC 1', P256.privateKey.export({ type: 'sec1', format: 'pem' }).toString()],
    [
      'a public one and PKCS #8',
      `${pem(RSA.publicKey)}${P256.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()}`,
    ],
    ['a JSON Web Key', json(jwk(ED25519.privateKey))],
    ['a set after a public one', json({ keys: [jwk(RSA.publicKey), jwk(P384.privateKey)] })],
    ['a shared secret', json({ kty: 'oct', k: 'bm90IGEgcmVhbCBzZWNyZXQ' })],
  ])('refuses a private key in %s and repeats nothing of it', (_form, text) => {
    const message = faultOf(text);

    expect(message).toContain('private key');
    const pieces = text.split(/[^\w+/-]+/).filter((piece) => piece.length > 12);
    expect(pieces.length).toBeGreaterThan(0);
    for (const piece of pieces) expect(message).not.toContain(piece);
  });

  it.each([
    ['an RSA key that is short', pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)],
    ['an RSA key whose exponent does nothing', json({ ...jwk(RSA.publicKey), e: 'AQ' })],
    ['an EC key of another curve', pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)],
    ['P-521', pem(generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey)],
    ['Ed448', pem(generateKeyPairSync('ed448').publicKey)],
    ['a key to agree on keys with', pem(generateKeyPairSync('x25519').publicKey)],
  ])('refuses %s', (_what, text) => {
    expect(faultOf(text)).toContain('2048 bits');
  });

  it.each([
    ['words', 'not a key'],
    ['nothing', ' '],
    ['broken PEM', '-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----'],
    ['broken JSON', '{"kty":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['an unknown kind', json({ kty: 'none' })],
    ['a set of texts', json({ keys: ['a'] })],
    ['a point that is on no curve', json({ ...jwk(P256.publicKey), y: 'AAAA' })],
    ['a key to encrypt with', json(jwk(RSA.publicKey, { use: 'enc' }))],
    ['a name that is none', json(jwk(RSA.publicKey, { kid: 7 }))],
  ])('says how a key is given instead of %s', (_what, text) => {
    expect(faultOf(text)).toContain('Give a public key');
  });

  it.each([
    ['an algorithm of another kind of key', json(jwk(P256.publicKey, { alg: 'RS256' })), 'ES256'],
    ['no algorithm', json(jwk(RSA.publicKey, { alg: 'none' })), 'RS256'],
    ['an algorithm of shared secrets', json(jwk(RSA.publicKey, { alg: 'HS256' })), 'RS256'],
    ['an empty set', json({ keys: [] }), '1 to 10'],
    ['eleven keys', json({ keys: Array(11).fill(jwk(ED25519.publicKey)) }), '1 to 10'],
    ['two keys of one name', json({ keys: [RSA, P256].map((each) => jwk(each.publicKey, { kid: 'a' })) }), 'kid'],
    ['two keys as PEM', pem(RSA.publicKey) + pem(P256.publicKey), 'one key as PEM'],
    ['keys that fill too much', json({ keys: NAMES.map((kid) => jwk(RSA.publicKey, { kid })) }), 'too long'],
  ])('refuses %s', (_what, text, mention) => {
    expect(faultOf(text)).toContain(mention);
  });
});
