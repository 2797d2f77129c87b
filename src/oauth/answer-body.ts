import type { StoredAnswer } from './stored-answer.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The fields of an answer, or in words what it is instead. */
export type AnswerBody = { fields: JsonObject } | { problem: string; cutOff: boolean };

const FORM = /^[\w.-]+=[^\s<>{}"]*$/;

/** Within valid JSON only: text with an open string would take quadratic time. */
const STRING_OR_LONG_INTEGER = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<![\w.+-])-?\d{16,}(?![\d.eE])/g;

/**
 * Reads an answer that ought to be a JSON object, whatever it calls itself; a form is read as well, as some providers
 * send one. No problem in words repeats any of the body.
 *
 * @see RFC 6749 §5.1
 */
export function readAnswerBody({ body, contentType }: StoredAnswer): AnswerBody {
  const text = body.replace(/^\uFEFF/, '').trim();
  if (text === '') return { problem: 'the answer is empty', cutOff: true };
  if (text.startsWith('<')) return { problem: 'the answer is HTML or XML, not JSON', cutOff: false };
  if (FORM.test(text)) return { fields: Object.fromEntries(new URLSearchParams(text)) };
  const value = parseJson(text);
  if (isJsonObject(value)) return { fields: value };
  if (value !== undefined) return { problem: 'the answer is JSON, but not an object', cutOff: false };
  const isJson = /^[{[]/.test(text) || (contentType ?? '').includes('json');
  return isJson
    ? { problem: 'the answer is not valid JSON, perhaps cut off', cutOff: true }
    : { problem: 'the answer is neither JSON nor a form', cutOff: false };
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text without blanks around it; undefined for what is no text or nothing but blanks. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return value.trim() || undefined;
}

/** Undefined when it is no JSON. Integers too long for a number become text: rounded, two accounts could be one. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return /\d{16}/.test(text) ? JSON.parse(text.replace(STRING_OR_LONG_INTEGER, quoted)) : value;
  } catch {
    // The parser's error repeats a piece of the text, so nothing of it is kept.
    return undefined;
  }
}

function quoted(match: string): string {
  return match.startsWith('"') ? match : `"${match}"`;
}
