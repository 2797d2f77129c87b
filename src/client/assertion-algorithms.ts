import type { KeyObject } from 'node:crypto';

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const ED25519 = ['EdDSA', 'Ed25519'];
export const MIN_RSA_BITS = 2048;

/** Those by which clients may sign their assertions: none, and none with a secret key, is among them. */
export const ASSERTION_ALGORITHMS: readonly string[] = [...RSA, 'ES256', 'ES384', ...ED25519];

/** By which of them this public key may sign; empty for one that is too weak or of another kind. @see RFC 7518 §3.1, RFC 8037 */
export function algorithmsOf({ asymmetricKeyDetails: details, asymmetricKeyType: type }: KeyObject): string[] {
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= MIN_RSA_BITS && (details?.publicExponent ?? 0n) >= 3n)
    return RSA;
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return ['ES256'];
  if (type === 'ec' && details?.namedCurve === 'secp384r1') return ['ES384'];
  return type === 'ed25519' ? ED25519 : [];
}
