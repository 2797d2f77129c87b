import { hash, randomBytes } from 'node:crypto';
import { sha256 } from '../sha256.js';

/** Tells what a value is, wherever it turns up. */
const PREFIXES = {
  accessToken: 'hub_at_',
  refreshToken: 'hub_rt_',
  code: 'hub_ac_',
  clientSecret: 'hub_cs_',
} as const;
export type ValueKind = keyof typeof PREFIXES;

const VALUE_BYTES = 32;
const CHECKSUM_LENGTH = 6;

/** A value that nobody had before: 256 random bits. */
export function newValueText(kind: ValueKind): string {
  return valueText(kind, randomBytes(VALUE_BYTES));
}

/**
 * `<prefix><base64url of the bytes><checksum>`. The checksum tells a mistyped or invented value from a real one without
 * asking the database, and is no secret.
 *
 * @param bytes 32
 */
export function valueText(kind: ValueKind, bytes: Buffer): string {
  const body = PREFIXES[kind] + bytes.toString('base64url');
  return body + checksum(body);
}

/** Whether `text` has the form of a value of this kind; says nothing of its existence. */
export function isValueText(kind: ValueKind, text: string): boolean {
  const body = text.slice(0, -CHECKSUM_LENGTH);
  return body.startsWith(PREFIXES[kind]) && /^\w+_[\w-]{43}$/.test(body) && text === body + checksum(body);
}

/** What is stored of a value: SHA-256 in hex. */
export function valueHash(text: string): string {
  return sha256(text);
}

function checksum(body: string): string {
  return hash('sha256', body, 'base64url').slice(0, CHECKSUM_LENGTH);
}
