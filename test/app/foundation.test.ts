import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openFoundation } from '../../src/app/foundation.js';
import { loadConfig } from '../../src/config.js';
import { StartupError } from '../../src/errors.js';
import { createLog } from '../../src/log.js';

let folder: string;
const open = (env: Record<string, string> = {}) =>
  openFoundation(loadConfig({ DATABASE_URL: `sqlite:${join(folder, 'hub.sqlite')}`, ...env }), createLog('silent'));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-foundation-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('openFoundation', () => {
  it('makes a key file for a new database, and none beside one whose key file is lost', async () => {
    await (await open()).close();
    const keyFile = join(folder, 'master.key');
    rmSync(keyFile);

    await expect(open()).rejects.toThrow(/master\.key is missing.*restore the file from a backup/);

    expect(existsSync(keyFile)).toBe(false);
  });

  it.each([
    ['a spool folder below a file', { HUB_SPOOL_DIR: '/dev/null/spool' }, /spool folder .* cannot be written/],
    ['a database below a file', { DATABASE_URL: 'sqlite:/dev/null/hub.sqlite' }, /database file .* cannot be used/],
  ])('says in words what is wrong with %s', async (_case, env, words) => {
    const refusal = await open({ HUB_SPOOL_DIR: join(folder, 'spool'), ...env }).catch((error: unknown) => error);

    expect(refusal).toBeInstanceOf(StartupError);
    expect((refusal as Error).message).toMatch(words);
  });

  it('says in words that a file is no database', async () => {
    writeFileSync(
      join(folder, 'hub.sqlite'),
      'this is a letter, not a database, and quite a long one at that. '.repeat(20),
    );

    await expect(open()).rejects.toThrow(/cannot be used \(SQLITE_NOTADB\)/);
  });
});
