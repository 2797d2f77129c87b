import { sha256 } from '../sha256.js';
import { newRefreshValue, parseRefreshValue, type RefreshValue } from './refresh-value.js';

const PREFIX = 'login.';

/**
 * A login value that no one had before: `login.<session id>.<256 random bits in base64url>`. What is stored of it is the
 * hash of all of it, so that no part of it is a refresh value, nor the other way round.
 */
export function newLoginValue(sessionId: string): RefreshValue & { readonly text: string } {
  const text = PREFIX + newRefreshValue(sessionId).text;
  return { sessionId, hash: sha256(text), text };
}

/** @returns undefined for what was never a login value */
export function parseLoginValue(text: string | undefined): RefreshValue | undefined {
  if (!text?.startsWith(PREFIX)) return undefined;
  const parsed = parseRefreshValue(text.slice(PREFIX.length));
  return parsed && { sessionId: parsed.sessionId, hash: sha256(text) };
}
