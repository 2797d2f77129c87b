import { type Account, accountOf } from './account.js';
import type { JsonObject } from './answer-body.js';
import { decodeJwt } from './jwt.js';
import { ProviderFailure } from './provider-failure.js';

export interface IdTokenExpectation {
  /** The provider's issuer, exactly; null when it is not known, which leaves this check out. */
  issuer: string | null;
  clientId: string;
  /** The nonce of the authorization request; null when none was sent. */
  nonce: string | null;
  /** When the answer came. */
  now: Date;
}

const CLOCK_TOLERANCE_SECONDS = 60;

/** Signed, by key or by secret. */
const ALGORITHM = /^(RS|PS|ES|HS)(256|384|512)$|^ES256K$|^EdDSA$|^Ed25519$/;

/**
 * Reads whose token it is from an ID token that the token endpoint gave.
 *
 * The signature is not checked: the token came straight from the endpoint over the connection that TLS vouches for, as
 * OpenID Connect Core 1.0 §3.1.3.7 item 6 allows. An ID token from anywhere else, such as a browser, must not be read
 * with this. `alg: none` is refused all the same: a server may use it only for a client that registered for it (§2),
 * which the hub never does, so that it stands for a forgery or a broken server.
 *
 * @throws ProviderFailure `PROVIDER_INVALID_RESPONSE` that says which check failed
 * @see OpenID Connect Core 1.0 §3.1.3.7, §12.2 for a refresh
 */
export function readIdToken(idToken: string, expected: IdTokenExpectation): Account & { issuer?: string } {
  const decoded = decodeJwt(idToken);
  if (!decoded) throw unusable('it is no signed JWT, or an encrypted one');
  const { header, claims } = decoded;
  if (typeof header.alg !== 'string' || !ALGORITHM.test(header.alg)) throw unusable('its algorithm is not allowed');
  checkClaims(claims, expected);
  const { subject, ...details } = accountOf(claims, ['sub']);
  if (subject === undefined) throw unusable('it names no subject');
  return { subject, ...details, ...(typeof claims.iss === 'string' && { issuer: claims.iss }) };
}

function checkClaims(claims: JsonObject, expected: IdTokenExpectation): void {
  const { iss, aud, azp, exp, nonce } = claims;
  if (expected.issuer !== null && iss !== expected.issuer)
    throw unusable('its issuer is not the issuer of the provider');
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!audiences.includes(expected.clientId)) throw unusable('it is meant for another client');
  if (audiences.length > 1 && azp === undefined) throw unusable('it has several audiences and no azp');
  if (azp !== undefined && azp !== expected.clientId) throw unusable('it was issued to another client');
  if (typeof exp !== 'number') throw unusable('it has no exp');
  if (exp + CLOCK_TOLERANCE_SECONDS <= expected.now.getTime() / 1000) throw unusable('it has expired');
  if (expected.nonce !== null && nonce !== expected.nonce) throw unusable('its nonce is not the one that was sent');
}

function unusable(reason: string): ProviderFailure {
  return new ProviderFailure({
    code: 'PROVIDER_INVALID_RESPONSE',
    error: 'invalid_id_token',
    description: `The ID token was refused: ${reason}.`,
    permanent: true,
  });
}
