import { isJsonObject, parseJson, readAnswerBody, textOf } from './answer-body.js';
import type { StoredAnswer } from './stored-answer.js';
import type { Credentials } from './token-response.js';

/** Names under which providers give credentials. */
const CREDENTIAL = /token|jwt|^(?:access|refresh)$/i;
/** What is said about one. */
const ABOUT = /type|expire|lifetime|endpoint|ur[il]|hint/i;

const ACCESS_TOKEN = /^access(?:_?token)?$/i;
const REFRESH_TOKEN = /^refresh(?:_?token)?$/i;

/** Whether a whole answer has what may be a credential anywhere, at whatever depth and under whatever name. */
export function mayHoldToken(answer: StoredAnswer): boolean {
  for (const { name } of texts(answer)) if (CREDENTIAL.test(name) && !ABOUT.test(name)) return true;
  return false;
}

/**
 * What has the name of a credential, at whatever depth. Good enough to be revoked where it came from, not to be used: what
 * it is for, and whose it is, does not show.
 */
export function hiddenCredentials(answer: StoredAnswer): Credentials {
  const all = [...texts(answer)];
  const named = (which: RegExp): string | undefined => all.find(({ name }) => which.test(name))?.text;
  return { accessToken: named(ACCESS_TOKEN), refreshToken: named(REFRESH_TOKEN) };
}

function* texts(answer: StoredAnswer): Generator<{ name: string; text: string }> {
  const body = readAnswerBody(answer);
  const left: unknown[] = ['fields' in body ? body.fields : parseJson(answer.body.trim())];
  while (left.length > 0) {
    const value = left.pop();
    if (Array.isArray(value)) for (const each of value) left.push(each);
    if (!isJsonObject(value)) continue;
    for (const [name, each] of Object.entries(value)) {
      const text = textOf(each);
      if (text === undefined) left.push(each);
      else yield { name, text };
    }
  }
}
