import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { secretsIn } from '../security/secret-records.js';
import { HubFolder } from '../support/hub-process.js';

describe('a hub that does not start', () => {
  let folder: HubFolder;
  beforeAll(async () => {
    folder = await HubFolder.make();
  });
  afterAll(() => folder.remove());

  it.each([
    [
      'a variable that is wrong',
      { HUB_LOG_LEVEL: 'canary-x', HUB_ALLOWED_ORIGINS: 'https://canary-x:canary-x@a.example' },
    ],
    ['a variable that is misspelt', { HUB_MASTERKEY: 'canary-x' }],
    ['a master key that is none', { HUB_MASTER_KEY: 'canary-x' }],
    ['a password that is too short', { HUB_ADMIN_PASSWORD: 'canary-x' }],
    ['a file that is not there', { HUB_MASTER_KEY_FILE: '/nowhere/canary-x' }],
    ['a database that cannot be read', { DATABASE_URL: 'mysql://hub:canary-x' }],
    ['a database of another kind', { DATABASE_URL: 'postgres://hub:canary-x@127.0.0.1/hub' }],
  ])('for %s does not repeat its value', async (_what, env: Record<string, string>) => {
    const hub = folder.spawn({ ...env, HUB_LOG_LEVEL: 'trace', ...env });

    expect(await hub.exit()).toBe(78);
    expect(hub.stderr).toContain('nothing was started');
    expect(hub.output).not.toContain('canary-x');
  });

  it('for its database leaves no password of it, whatever the level', async () => {
    const uri = process.env['HUB_TEST_MYSQL_URL'] ?? 'mysql://hub:x@127.0.0.1:1';
    const url = new URL(`${uri}/hub`);
    url.password = 'canary-x';
    const env = {
      DATABASE_URL: url.href,
      HUB_MASTER_KEY: randomBytes(32).toString('base64'),
      HUB_SPOOL_DIR: folder.path,
    };

    for (const HUB_LOG_LEVEL of ['silent', 'trace']) {
      const hub = folder.spawn({ ...env, HUB_LOG_LEVEL });
      expect(await hub.exit()).not.toBe(0);
      expect(hub.output).toMatch(/ACCESS_DENIED|ECONNREFUSED/);
      expect(hub.output).not.toContain('canary-x');
    }
  });

  it('for another master key repeats neither of them', async () => {
    const [right, wrong] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
    const first = await folder.start({ HUB_MASTER_KEY: right, HUB_LOG_LEVEL: 'trace' });
    const password = (await readFile(join(folder.path, 'data/admin-password'), 'utf8')).trim();
    await first.end();

    const second = folder.spawn({ HUB_MASTER_KEY: wrong, HUB_LOG_LEVEL: 'trace' });

    expect(await second.exit()).toBe(78);
    const said = Buffer.from(first.output + second.output);
    expect(secretsIn(said, new Map(Object.entries({ right, wrong, password })))).toEqual([]);
  });
});
