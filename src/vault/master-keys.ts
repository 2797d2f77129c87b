import { createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { StartupError } from '../errors.js';
import type { VaultKey } from './cipher.js';

const KEY_BYTES = 32;
const FINGERPRINT_BYTES = 8;
const FINGERPRINT_INFO = 'hub vault v1 master key fingerprint';
const HOW_TO_MAKE_ONE = 'Make one with: openssl rand -base64 32';

/** Wraps data keys. `id` is a fingerprint that may be shown: it is derived one-way from the key. */
export type MasterKey = VaultKey;

/**
 * Reads the value of `HUB_MASTER_KEY`: base64 of 32 bytes, several comma separated; the first encrypts, all decrypt.
 *
 * @param source what the messages call the text: the variable or the path of the file
 * @throws StartupError that says which entry is wrong and never what it holds
 */
export function parseMasterKeys(text: string, source = 'HUB_MASTER_KEY'): MasterKey[] {
  if (text.trim() === '') throw new StartupError(`${source} is empty. ${HOW_TO_MAKE_ONE}`);
  const entries = text.split(',');
  const masterKeys = entries.map((entry, index) =>
    parseMasterKey(entry.trim(), `${source}: key ${index + 1} of ${entries.length}`),
  );
  masterKeys.forEach(({ id }, index) => {
    const first = masterKeys.findIndex((other) => other.id === id);
    if (first < index) {
      throw new StartupError(`${source}: key ${index + 1} repeats key ${first + 1} (${id}). Remove one of the two.`);
    }
  });
  return masterKeys;
}

function parseMasterKey(entry: string, name: string): MasterKey {
  const bytes = Buffer.from(entry, 'base64');
  if (bytes.toString('base64') !== entry) {
    throw new StartupError(`${name} is not base64. ${HOW_TO_MAKE_ONE}`);
  }
  if (bytes.length !== KEY_BYTES) {
    throw new StartupError(`${name} has ${bytes.length} bytes, it needs ${KEY_BYTES}. ${HOW_TO_MAKE_ONE}`);
  }
  const fingerprint = hkdfSync('sha256', bytes, '', FINGERPRINT_INFO, FINGERPRINT_BYTES);
  return { id: `mk_${Buffer.from(fingerprint).toString('hex')}`, key: createSecretKey(bytes) };
}

/**
 * The text of the key file; made with a fresh key and mode 600 where there is none yet.
 *
 * It appears whole or not at all, and never over an existing one: written beside, synced, then linked to its name.
 *
 * @throws StartupError when it cannot be made or read, or when group or others may read it
 */
export function loadOrCreateMasterKeyFile(path: string): string {
  try {
    if (!existsSync(path)) createMasterKeyFile(path);
    return readMasterKeyFile(path);
  } catch (error) {
    if (error instanceof StartupError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = 'Make it readable, and its folder writable, for the user that runs the hub.';
    throw new StartupError(`The key file ${path} cannot be read or made: ${reason}. ${remedy}`, undefined, {
      cause: error,
    });
  }
}

function readMasterKeyFile(path: string): string {
  const file = openSync(path, 'r');
  try {
    const mode = fstatSync(file).mode & 0o777;
    // Windows has no such modes and reports every file as readable by all.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new StartupError(
        `The key file ${path} has mode ${mode.toString(8)}: others than its owner have access. Run: chmod 600 ${path}`,
      );
    }
    return readFileSync(file, 'utf8').trim();
  } finally {
    closeSync(file);
  }
}

function createMasterKeyFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(8).toString('hex')}.new`;
  writeFileSync(draft, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  try {
    linkSync(draft, path);
  } catch (error) {
    // Another process was first: its key is the one.
    if (!existsSync(path)) throw error;
  } finally {
    unlinkSync(draft);
  }
  syncDirectory(dirname(path));
}

/** Without this the name of a new file may be gone after a power failure, and every secret with it. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
