import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { UserProblem } from '../errors.js';
import { algorithmsOf, MIN_RSA_BITS } from './assertion-algorithms.js';

/** As many as rotation with overlap needs, with room. */
const MAX_KEYS = 10;
/** Of the column that they are stored in. */
const MAX_STORED_LENGTH = 4_000;

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const NO_KEY =
  'Give a public key as PEM (-----BEGIN PUBLIC KEY-----), as a JSON Web Key, or as a JSON Web Key Set (RFC 7517).';
const PRIVATE =
  'This is a private key, and it was not stored: give the public key, and replace the pair if others may have seen it.';
const WEAK = `Use an RSA key of at least ${MIN_RSA_BITS} bits, an EC key on P-256 or P-384, or Ed25519.`;

/** What a JSON Web Key says beside the key itself (RFC 7517 §4). */
const Described = z.object({
  kid: z.string().min(1).max(255).optional(),
  alg: z.string().optional(),
  use: z.literal('sig').optional(),
});
type Described = z.infer<typeof Described>;

interface ReadKey {
  readonly key: KeyObject;
  readonly described: Described;
}

/**
 * The public keys in what a person has pasted.
 *
 * @param text PEM, a JSON Web Key or a JSON Web Key Set; nothing of it is in what is returned but public keys
 * @returns a JSON Web Key Set as JSON (RFC 7517 §5), or what is wrong
 */
export function readPublicKeys(text: string): { keySet: string } | { problem: UserProblem } {
  const read = text.trimStart().startsWith('-----BEGIN') ? keysOfPem(text) : keysOfJson(text);
  if (typeof read === 'string') return refused(read);
  const fault = read.map(faultOf).find((each) => each !== undefined) ?? repeatedName(read);
  if (fault !== undefined) return refused(fault);
  const keySet = JSON.stringify({ keys: read.map(stored) });
  if (keySet.length > MAX_STORED_LENGTH) return refused('These keys are too long together: give fewer.');
  return { keySet };
}

function refused(message: string): { problem: UserProblem } {
  return { problem: { code: 'INVALID', field: ['publicKey'], message } };
}

function keysOfPem(text: string): ReadKey[] | string {
  // Of a private key node would derive the public one.
  if (/PRIVATE/.test(text)) return PRIVATE;
  if (text.split('-----BEGIN').length > 2) return 'Give one key as PEM; several as a JSON Web Key Set (RFC 7517 §5).';
  const key = quietly(() => createPublicKey(text));
  return key ? [{ key, described: {} }] : NO_KEY;
}

function keysOfJson(text: string): ReadKey[] | string {
  const json = quietly(() => JSON.parse(text) as unknown);
  if (!isObject(json)) return NO_KEY;
  const all: unknown[] = Array.isArray(json['keys']) ? json['keys'] : [json];
  if (all.length === 0 || all.length > MAX_KEYS) return `Give 1 to ${MAX_KEYS} keys.`;
  if (!all.every(isObject)) return NO_KEY;
  if (all.some((each) => PRIVATE_MEMBERS.some((name) => name in each))) return PRIVATE;
  const read = all.map((jwk) => {
    const key = quietly(() => createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }));
    const described = Described.safeParse(jwk);
    return key && described.success ? { key, described: described.data } : undefined;
  });
  return read.every((each) => each !== undefined) ? read : NO_KEY;
}

/** Without the error: parsers repeat in their messages what they were given. */
function quietly<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function faultOf({ described: { alg }, key }: ReadKey): string | undefined {
  const algorithms = algorithmsOf(key);
  if (algorithms.length === 0) return WEAK;
  if (alg === undefined || algorithms.includes(alg)) return undefined;
  return `The alg of this key must be one of ${algorithms.join(', ')}, or be left out.`;
}

function repeatedName(keys: readonly ReadKey[]): string | undefined {
  const names = keys.flatMap(({ described: { kid } }) => kid ?? []);
  return new Set(names).size < names.length ? 'Two keys have the same kid: give each its own.' : undefined;
}

function stored({ described: { alg, kid }, key }: ReadKey): object {
  return { ...key.export({ format: 'jwk' }), use: 'sig', ...(kid && { kid }), ...(alg && { alg }) };
}
