import { createHash, timingSafeEqual } from 'node:crypto';

const VERIFIER = /^[\w.~-]{43,128}$/;
const CHALLENGE = /^[\w-]{43}$/;

/** Whether this can be the S256 of a verifier. @see RFC 7636 §4.2 */
export function isCodeChallenge(text: string): boolean {
  return CHALLENGE.test(text);
}

/**
 * Whether the verifier has the right form and is the one that this S256 challenge was made of; compares in constant time.
 *
 * @see RFC 7636 §4.1 and §4.6
 */
export function isVerifierOf(challenge: string, verifier: string): boolean {
  if (!VERIFIER.test(verifier)) return false;
  const expected = Buffer.from(createHash('sha256').update(verifier, 'ascii').digest('base64url'));
  const given = Buffer.from(challenge);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
