import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject } from 'node:crypto';
import { randomBytes } from '../random-bytes.js';
import type { SealedRef } from './sealed-ref.js';
import { VaultError } from './vault-error.js';

const FORMAT = 'v1';
const SALT_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const RECORD_KEY_INFO = 'hub vault v1 record';

/** A key with its public id. A `KeyObject` because neither JSON nor `inspect` shows its bytes. */
export interface VaultKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: KeyObject;
}

/**
 * Seals a text for one place: `v1.<key id>.<base64url(salt | iv | tag | ciphertext)>`.
 *
 * AES-256-GCM under a key that HKDF-SHA256 derives for this value alone (16 random bytes of salt), so that random
 * ivs never meet under one key, however many values a data key seals.
 *
 * @see NIST SP 800-38D §8.3, RFC 5869
 */
export function sealText(sealingKey: VaultKey, ref: SealedRef, plaintext: string): string {
  const nonce = randomBytes(SALT_BYTES + IV_BYTES);
  const key = recordKey(sealingKey, nonce.subarray(0, SALT_BYTES));
  const cipher = createCipheriv('aes-256-gcm', key, nonce.subarray(SALT_BYTES), { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(sealingKey.id, ref));
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  const body = Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
  return `${FORMAT}.${sealingKey.id}.${body.toString('base64url')}`;
}

/** @throws VaultError unless this very text was sealed by this key for this place */
export function openText(sealingKey: VaultKey, ref: SealedRef, sealed: string): string {
  const { keyId, body } = parse(ref, sealed);
  if (keyId !== sealingKey.id) throw damaged(ref, `it is sealed with ${keyId}, not with ${sealingKey.id}`);
  const iv = body.subarray(SALT_BYTES, SALT_BYTES + IV_BYTES);
  const tagEnd = SALT_BYTES + IV_BYTES + TAG_BYTES;
  const key = recordKey(sealingKey, body.subarray(0, SALT_BYTES));
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(keyId, ref));
  decipher.setAuthTag(body.subarray(SALT_BYTES + IV_BYTES, tagEnd));
  try {
    return Buffer.concat([decipher.update(body.subarray(tagEnd)), decipher.final()]).toString('utf8');
  } catch (error) {
    throw damaged(ref, 'it was altered or belongs to another row or column', error);
  }
}

/**
 * The id of the key a text was sealed with, read without opening it.
 * @throws VaultError when the text has not the form of a sealed one
 */
export function sealingKeyId(ref: SealedRef, sealed: string): string {
  return parse(ref, sealed).keyId;
}

function parse(ref: SealedRef, sealed: string): { keyId: string; body: Buffer } {
  const [format, keyId, text, ...rest] = sealed.split('.');
  if (format !== FORMAT || !keyId || text === undefined || rest.length > 0) throw damaged(ref, 'it is no sealed value');
  const body = Buffer.from(text, 'base64url');
  // Buffer skips foreign characters and unused bits: without this several texts would open as the same value.
  if (body.toString('base64url') !== text) throw damaged(ref, 'it is no base64url');
  if (body.length < SALT_BYTES + IV_BYTES + TAG_BYTES) throw damaged(ref, 'it is too short');
  return { keyId, body };
}

function recordKey(sealingKey: VaultKey, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', sealingKey.key, salt, RECORD_KEY_INFO, KEY_BYTES));
}

/** JSON, because it keeps apart what a mere concatenation would confuse (`a` + `bc`, `ab` + `c`). */
function associatedData(keyId: string, ref: SealedRef): Buffer {
  return Buffer.from(JSON.stringify([FORMAT, keyId, ref.table, ref.column, ref.id]), 'utf8');
}

function damaged(ref: SealedRef, reason: string, cause?: unknown): VaultError {
  const place = `${ref.table}.${ref.column} of ${ref.id}`;
  return new VaultError(
    `The sealed value in ${place} does not open: ${reason}. Enter the secret again, or restore this row from a backup.`,
    { cause },
  );
}
