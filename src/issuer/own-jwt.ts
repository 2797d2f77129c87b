import { errors, type JWTPayload, jwtVerify, type JWTVerifyOptions } from 'jose';
import { SIGNING_ALGORITHM } from '../signing-key/signing-key-material.js';
import type { SigningKeys } from '../signing-key/signing-keys.js';

type Expected = Required<Pick<JWTVerifyOptions, 'typ' | 'issuer' | 'currentDate'>> & JWTVerifyOptions;

/**
 * What stands in a JWT that the hub has signed.
 *
 * @param jwt may come from anywhere
 * @returns null for one that it has not signed, or not as expected, or with a key that is published no more
 * @see RFC 8725 §3
 */
export async function readOwnJwt(keys: SigningKeys, jwt: string, expected: Expected): Promise<JWTPayload | null> {
  const keyOf = async ({ kid }: { kid?: string }) => {
    const key = kid === undefined ? undefined : await keys.find(kid);
    if (!key) throw new errors.JWKSNoMatchingKey();
    return key;
  };
  try {
    const options = { algorithms: [SIGNING_ALGORITHM], clockTolerance: 0, ...expected };
    return (await jwtVerify(jwt, keyOf, options)).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}
