import { randomBytes, timingSafeEqual } from 'node:crypto';
import { isId } from '../ids.js';
import { sha256 } from '../sha256.js';

const SECRET_BYTES = 32;

/** What a refresh cookie says. */
export interface RefreshValue {
  readonly sessionId: string;
  /** SHA-256 of the secret part, in hex: the only thing that is stored of it. */
  readonly hash: string;
}

/** A refresh value that no one had before. `text` is `<session id>.<256 random bits in base64url>`. */
export function newRefreshValue(sessionId: string): RefreshValue & { readonly text: string } {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { sessionId, hash: sha256(secret), text: `${sessionId}.${secret}` };
}

/** @returns undefined for what was never a refresh value */
export function parseRefreshValue(text: string | undefined): RefreshValue | undefined {
  const [, sessionId, secret] = /^(\w{30})\.([\w-]{43})$/.exec(text ?? '') ?? [];
  if (sessionId === undefined || secret === undefined || !isId('session', sessionId)) return undefined;
  return { sessionId, hash: sha256(secret) };
}

/** In constant time. */
export function sameHash(a: string, b: string | null): boolean {
  return b !== null && a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
