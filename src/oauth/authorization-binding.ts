import { createHash, randomBytes } from 'node:crypto';

const STATE_BYTES = 16;
const CODE_VERIFIER_BYTES = 32;

/** Values made for one authorization request, which bind its answer to it. Secrets until the answer has come. */
export interface AuthorizationBinding {
  /** 128 bits. */
  state: string;
  /** 128 bits; null when no ID token is asked for. */
  nonce: string | null;
  /** 256 bits; null without PKCE. */
  codeVerifier: string | null;
}

/**
 * @param scopes of the request: `openid` asks for an ID token, which then has to repeat the nonce
 * @see RFC 6749 §10.12, RFC 7636 §4.1, OpenID Connect Core 1.0 §3.1.2.1
 */
export function newAuthorizationBinding(options: { scopes: readonly string[]; pkce: boolean }): AuthorizationBinding {
  return {
    state: randomText(STATE_BYTES),
    nonce: options.scopes.includes('openid') ? randomText(STATE_BYTES) : null,
    codeVerifier: options.pkce ? randomText(CODE_VERIFIER_BYTES) : null,
  };
}

/** The S256 challenge of a verifier. @see RFC 7636 §4.2 */
export function codeChallenge(codeVerifier: string): string {
  return createHash('sha256').update(codeVerifier, 'ascii').digest('base64url');
}

function randomText(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
