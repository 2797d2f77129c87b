import { isJsonObject, type JsonObject, readAnswerBody } from './answer-body.js';
import { redactText, singleLine } from './redaction.js';
import type { StoredAnswer } from './stored-answer.js';

/** The fields of an answer whose values may be shown. */
const SHOWN: ReadonlySet<string> = new Set([
  'error',
  'error_description',
  'scope',
  'token_type',
  'expires_in',
  'status',
]);

/** Those of an error that is an object or a list. */
const SHOWN_IN_ERROR: ReadonlySet<string> = new Set([...SHOWN, 'errors', 'errorType', 'code', 'type', 'message']);

const MAX_DEPTH = 4;
const MAX_ENTRIES = 50;
const MAX_VALUE_LENGTH = 500;
const MAX_LENGTH = 8_000;

/**
 * The body of an answer as JSON text in which only the values of a few fields are shown and of all others their type
 * and length: `{"access_token": "[string 43]", "expires_in": 3600}`. What is no fields at all is one such text.
 *
 * @param secrets values that were sent, which an error description might repeat
 * @returns at most 8,000 characters
 */
export function redactedBody(answer: StoredAnswer, secrets: readonly string[]): string {
  const body = readAnswerBody(answer);
  if ('problem' in body) {
    const type = singleLine(answer.contentType ?? 'no content type', 80);
    return JSON.stringify(`[${type}, ${Buffer.byteLength(answer.body)} bytes: ${body.problem}]`);
  }
  const text = JSON.stringify(redactedFields(body.fields, { secrets, names: SHOWN, depth: 1 }), null, 2);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
}

interface Place {
  secrets: readonly string[];
  /** The fields that may be shown here. */
  names: ReadonlySet<string>;
  depth: number;
}

function redactedFields(fields: JsonObject, place: Place): JsonObject {
  const entries = Object.entries(fields);
  const kept = entries
    .slice(0, MAX_ENTRIES)
    .map(([name, value]): [string, unknown] => [shown(name, place), redactedValue(name, value, place)]);
  if (entries.length > MAX_ENTRIES) kept.push(['…', `[${entries.length - MAX_ENTRIES} more]`]);
  return Object.fromEntries(kept);
}

function redactedValue(name: string, value: unknown, place: Place): unknown {
  if (value === null) return null;
  const isDeep = place.depth >= MAX_DEPTH;
  const inside = { ...place, depth: place.depth + 1 };
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (isDeep || items.length > MAX_ENTRIES) return `[array ${items.length}]`;
    return items.map((each) => redactedValue(name, each, inside));
  }
  if (isJsonObject(value)) {
    const names = /^errors?$/.test(name) ? SHOWN_IN_ERROR : SHOWN;
    return isDeep ? `[object ${Object.keys(value).length}]` : redactedFields(value, { ...inside, names });
  }
  if (typeof value !== 'string') {
    return place.names.has(name) ? value : `[${typeof value} ${JSON.stringify(value).length}]`;
  }
  return place.names.has(name) ? shown(value, place) : `[string ${value.length}]`;
}

function shown(text: string, { secrets }: Place): string {
  return singleLine(redactText(text, secrets), MAX_VALUE_LENGTH);
}
