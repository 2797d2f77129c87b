import { isJsonObject, type JsonObject, textOf } from './answer-body.js';

/** What an answer says went wrong. */
export interface ReportedError {
  error: string;
  description?: string | undefined;
  uri?: string | undefined;
}

const DESCRIPTIONS = ['error_description', 'error_message', 'message', 'description', 'detail', 'msg', 'errmsg'];
const CODES = ['error', 'code', 'error_code', 'errorCode', 'errcode', 'errorType', 'type', 'status'];

/** With these numbers servers say that nothing went wrong. */
const FINE = /^(?:0|2\d\d)$/;

/**
 * The error in an answer: the fields of RFC 6749 §5.2, and what is in use besides (`error` as an object, a list of
 * `errors`, `ok: false`, a numeric code with a message, any of them one level deeper).
 */
export function reportedError(fields: JsonObject): ReportedError | undefined {
  return errorOf(fields) ?? nested(fields);
}

/** What an answer says in a sentence. */
export function descriptionOf(fields: JsonObject): string | undefined {
  return DESCRIPTIONS.map((name) => textOf(fields[name])).find((each) => each !== undefined);
}

function errorOf(fields: JsonObject): ReportedError | undefined {
  const { error, errors } = fields;
  const description = descriptionOf(fields);
  const uri = textOf(fields.error_uri);
  const word = textOf(error);
  if (word !== undefined) return { error: word, description, uri };
  const detail: unknown = isJsonObject(error) ? error : Array.isArray(errors) ? errors[0] : undefined;
  if (isJsonObject(detail)) {
    return { error: codeOf(detail) ?? 'error', description: descriptionOf(detail) ?? description, uri };
  }
  const text = textOf(detail);
  if (text !== undefined) return { error: 'error', description: text, uri };
  if (fields.ok === false || fields.success === false) return { error: codeOf(fields) ?? 'error', description, uri };
  const number = ['error_code', 'errorCode', 'errcode', 'code'].map((name) => codeText(fields[name])).find(Boolean);
  return number !== undefined && description !== undefined ? { error: number, description, uri } : undefined;
}

function nested(fields: JsonObject): ReportedError | undefined {
  const inner = [fields.data, fields.result].filter(isJsonObject);
  return inner.map(errorOf).find((each) => each !== undefined);
}

function codeOf(fields: JsonObject): string | undefined {
  const words = CODES.map((name) => textOf(fields[name]));
  return words.find((each) => each !== undefined) ?? CODES.map((name) => codeText(fields[name])).find(Boolean);
}

function codeText(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : textOf(value);
  return text !== undefined && FINE.test(text) ? undefined : text;
}
