import { isJsonObject, parseJson, readAnswerBody, textOf } from './answer-body.js';
import type { StoredAnswer } from './stored-answer.js';

/** Names under which providers give credentials. */
const CREDENTIAL = /token|jwt|^(?:access|refresh)$/i;
/** What is said about one. */
const ABOUT = /type|expire|lifetime|endpoint|ur[il]|hint/i;

/** Whether a whole answer has what may be a credential anywhere, at whatever depth and under whatever name. */
export function mayHoldToken(answer: StoredAnswer): boolean {
  const body = readAnswerBody(answer);
  const left: unknown[] = ['fields' in body ? body.fields : parseJson(answer.body.trim())];
  while (left.length > 0) {
    const value = left.pop();
    if (Array.isArray(value)) for (const each of value) left.push(each);
    if (!isJsonObject(value)) continue;
    for (const [name, each] of Object.entries(value)) {
      if (textOf(each) === undefined) left.push(each);
      else if (CREDENTIAL.test(name) && !ABOUT.test(name)) return true;
    }
  }
  return false;
}
