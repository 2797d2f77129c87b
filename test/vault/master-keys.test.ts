import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StartupError } from '../../src/errors.js';
import { loadOrCreateMasterKeyFile, parseMasterKeys } from '../../src/vault/master-keys.js';

function aKeyText(bytes = 32): string {
  return randomBytes(bytes).toString('base64');
}

describe('parseMasterKeys', () => {
  it('reads several keys in their order, white space around them aside', () => {
    const [first, second] = [aKeyText(), aKeyText()];

    const keys = parseMasterKeys(` ${first} ,\n${second}\n`);

    expect(keys.map(({ key }) => key.export().toString('base64'))).toEqual([first, second]);
  });

  it('gives a key the same id each time and another key another id, without showing it', () => {
    const text = aKeyText();

    const [key] = parseMasterKeys(text);

    expect(key?.id).toMatch(/^mk_[0-9a-f]{16}$/);
    expect(parseMasterKeys(text)[0]?.id).toBe(key?.id);
    expect(parseMasterKeys(aKeyText())[0]?.id).not.toBe(key?.id);
    expect(Buffer.from(text, 'base64').toString('hex')).not.toContain(key?.id.slice(3));
    expect(JSON.stringify(key)).not.toContain(text);
  });

  it.each([
    ['nothing', '', /is empty/],
    ['white space', ' \n', /is empty/],
    ['too few bytes', aKeyText(31), /key 1 of 1 has 31 bytes, it needs 32/],
    ['too many bytes', aKeyText(33), /has 33 bytes/],
    ['hexadecimal', randomBytes(32).toString('hex'), /has 48 bytes/],
    ['base64url', `${'_-'.repeat(21)}A=`, /is not base64/],
    ['missing padding', aKeyText().replace('=', ''), /is not base64/],
    ['a passphrase', 'correct horse battery staple!', /is not base64/],
    ['a bad second key', `${aKeyText()},c2hvcnQ=`, /key 2 of 2 has 5 bytes/],
    ['a comma at the end', `${aKeyText()},`, /key 2 of 2/],
  ])('refuses %s and does not repeat it', (_, text, message) => {
    const error = errorOf(() => parseMasterKeys(text));

    expect(error).toBeInstanceOf(StartupError);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^HUB_MASTER_KEY.*openssl rand -base64 32$/);
    for (const part of text.split(',').filter((entry) => entry.trim())) expect(error.message).not.toContain(part);
  });

  it('refuses a repeated key and says which', () => {
    const text = aKeyText();

    expect(() => parseMasterKeys(`${text},${aKeyText()},${text}`, '/keys/master')).toThrow(
      /^\/keys\/master: key 3 repeats key 1 \(mk_/,
    );
  });
});

describe('loadOrCreateMasterKeyFile', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hub-key-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('makes a file of mode 600 with one fresh key, and its folder, and nothing beside it', () => {
    const path = join(folder, 'data', 'deep', 'master.key');

    const text = loadOrCreateMasterKeyFile(path);

    expect(parseMasterKeys(text)).toHaveLength(1);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'data', 'deep'))).toEqual(['master.key']);
    expect(loadOrCreateMasterKeyFile(join(folder, 'another.key'))).not.toBe(text);
  });

  it('keeps the mode 600 under a loose umask', () => {
    const before = process.umask(0);
    try {
      loadOrCreateMasterKeyFile(join(folder, 'master.key'));
    } finally {
      process.umask(before);
    }

    expect(statSync(join(folder, 'master.key')).mode & 0o777).toBe(0o600);
  });

  it('gives the same key at every later start', () => {
    const path = join(folder, 'master.key');

    const texts = [1, 2, 3].map(() => loadOrCreateMasterKeyFile(path));

    expect(new Set(texts).size).toBe(1);
    expect(readFileSync(path, 'utf8').trim()).toBe(texts[0]);
  });

  it('gives processes that start at once the same key', async () => {
    const path = join(folder, 'master.key');
    const file = join(import.meta.dirname, 'key-file-process.ts');
    const processes = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['--import', '@swc-node/register/esm-register', file, path], {
        env: { PATH: process.env.PATH },
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    );
    await Promise.all(processes.map(({ stdout }) => once(stdout, 'data')));

    const texts = processes.map(({ stdin, stdout }) => {
      stdin.end('go\n');
      return readAll(stdout);
    });

    expect(new Set(await Promise.all(texts))).toEqual(new Set([readFileSync(path, 'utf8').trim()]));
    expect(readdirSync(folder)).toEqual(['master.key']);
  });

  it.each([0o640, 0o604, 0o644, 0o620, 0o666])('refuses a file of mode %o and says what to do', (mode) => {
    const path = join(folder, 'master.key');
    const text = aKeyText();
    writeFileSync(path, text);
    chmodSync(path, mode);

    const error = errorOf(() => loadOrCreateMasterKeyFile(path));

    expect(error).toBeInstanceOf(StartupError);
    expect(error.message).toContain(`mode ${mode.toString(8)}`);
    expect(error.message).toContain(`chmod 600 ${path}`);
    expect(error.message).not.toContain(text);
  });

  it.each([0o600, 0o400])('takes a file of mode %o', (mode) => {
    const path = join(folder, 'master.key');
    const text = aKeyText();
    writeFileSync(path, `${text}\n`);
    chmodSync(path, mode);

    expect(loadOrCreateMasterKeyFile(path)).toBe(text);
  });

  it('says which file cannot be read or made', () => {
    const path = join(folder, 'master.key');
    mkdirSync(path, { mode: 0o700 });

    const error = errorOf(() => loadOrCreateMasterKeyFile(path));

    expect(error).toBeInstanceOf(StartupError);
    expect(error.message).toContain(path);
  });
});

function errorOf(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
