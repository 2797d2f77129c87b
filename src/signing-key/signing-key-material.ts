import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';

/** The one algorithm that the hub signs with; its signatures of one text are equal (RFC 8017 §8.2). */
export const SIGNING_ALGORITHM = 'RS256';

const MODULUS_BITS = 2048;

/** @returns JSON of a new public JWK, as it is published, and of its private one */
export async function newKeyMaterial(kid: string): Promise<{ publicKey: string; privateKey: string }> {
  const pair = await generateKeyPair(SIGNING_ALGORITHM, { modulusLength: MODULUS_BITS, extractable: true });
  const published = { ...(await exportJWK(pair.publicKey)), kid, alg: SIGNING_ALGORITHM, use: 'sig' };
  return { publicKey: JSON.stringify(published), privateKey: JSON.stringify(await exportJWK(pair.privateKey)) };
}

/** @param text JSON of a JWK; what comes out of a private one cannot be read again */
export async function keyOf(text: string): Promise<CryptoKey> {
  const key = await importJWK(JSON.parse(text) as JWK, SIGNING_ALGORITHM);
  if (key instanceof Uint8Array) throw new TypeError('A signing key is a pair, not a secret');
  return key;
}
