import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../src/config.js';

const KEY = Buffer.alloc(32, 7).toString('base64');
const folder = mkdtempSync(join(tmpdir(), 'hub-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function aFile(content: string | Buffer): string {
  const path = join(mkdtempSync(join(folder, 'case-')), 'value');
  writeFileSync(path, content);
  return path;
}

describe('the _FILE form of a variable', () => {
  it.each([
    ['no newline', 'a long password'],
    ['a newline', 'a long password\n'],
    ['a Windows newline', 'a long password\r\n'],
    ['a byte order mark', '\uFEFFa long password\n'],
  ])('gives the content of a file with %s', (_, content) => {
    const config = loadConfig({ HUB_ADMIN_PASSWORD_FILE: aFile(content) });
    expect(config.adminPassword?.reveal()).toBe('a long password');
  });

  it('exists for every variable, secret or not', () => {
    const env = { PORT_FILE: aFile('4100\n'), DATABASE_URL_FILE: aFile('sqlite:/srv/x.sqlite\n') };
    expect(loadConfig(env)).toMatchObject({ port: 4100, database: { path: '/srv/x.sqlite' } });
  });

  it('gives the master keys in place of the default key file', () => {
    const config = loadConfig({ HUB_MASTER_KEY_FILE: aFile(`${KEY}\n`) });
    expect(config.masterKeys?.reveal()).toBe(KEY);
    expect(config.masterKeyFile).toBeUndefined();
  });

  it.each([
    ['does not exist', () => join(folder, 'none'), /names a file that cannot be read \(ENOENT\)/],
    ['is a folder', () => folder, /names a file that cannot be read \(EISDIR\)/],
    ['is empty', () => aFile('\n'), /names a file that is empty/],
    ['is not text', () => aFile(Buffer.from([0xff, 0xfe, 0x00])), /is not text in UTF-8/],
    ['never ends', () => '/dev/zero', /names a file of over 65536 bytes/],
  ])('is refused when the file %s', (_, path, message) => {
    expect(() => loadConfig({ HUB_MASTER_KEY_FILE: path() })).toThrow(message);
  });

  it('names itself, not the plain form, when the content is wrong', () => {
    expect(() => loadConfig({ PORT_FILE: aFile('none') })).toThrow('PORT_FILE: is not a port');
  });

  it('is refused beside the plain form', () => {
    const env = { HUB_MASTER_KEY: KEY, HUB_MASTER_KEY_FILE: aFile(KEY) };
    expect(() => loadConfig(env)).toThrow('HUB_MASTER_KEY_FILE: is set, and HUB_MASTER_KEY is set too');
  });
});

describe('an empty variable', () => {
  it.each(['PORT', 'HUB_MASTER_KEY', 'HUB_ADMIN_PASSWORD', 'HUB_ALLOWED_ORIGINS', 'HUB_MASTER_KEY_FILE'])(
    '%s is refused, not taken as unset',
    (name) => {
      for (const value of ['', ' ']) expect(() => loadConfig({ [name]: value })).toThrow(`${name}: is empty`);
    },
  );
});
