import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HubFolder } from './support/hub-process.js';

const EMAIL = 'admin@hub.local';
const aMasterKey = () => randomBytes(32).toString('base64');

let folder: HubFolder;
beforeEach(async () => {
  folder = await HubFolder.make();
});
afterEach(() => folder.remove());

const inFolder = (...names: string[]) => join(folder.path, ...names);
const passwordOf = async () => (await readFile(inFolder('data/admin-password'), 'utf8')).trim();
const modeOf = async (name: string) => ((await stat(inFolder('data', name))).mode & 0o777).toString(8);

describe('the first start in an empty folder', () => {
  it('makes a database, a key, and a System Manager who can log in', async () => {
    const hub = await folder.start();

    const token = await hub.login(EMAIL, await passwordOf());

    expect((await readdir(inFolder('data'))).sort()).toEqual(
      expect.arrayContaining(['admin-password', 'hub.sqlite', 'hub.sqlite.lock', 'master.key']),
    );
    for (const name of ['admin-password', 'hub.sqlite', 'master.key']) expect(await modeOf(name)).toBe('600');
    expect(await hub.ask('{ viewer { email roles } }', {}, { authorization: `Bearer ${token}` })).toMatchObject({
      data: { viewer: { email: EMAIL, roles: ['SYSTEM_MANAGER'] } },
    });
    expect((await fetch(`${hub.url}/ready`)).status).toBe(200);
  });

  it('says where the password is, and says the password to nobody', async () => {
    const hub = await folder.start({ HUB_LOG_LEVEL: 'trace' });

    expect(hub.stdout).toContain(inFolder('data/admin-password'));
    expect(hub.output).not.toContain(await passwordOf());
    expect(await passwordOf()).toMatch(/^[0-9a-f]{32}$/);
  });

  it('makes no password when one is given', async () => {
    const password = randomBytes(12).toString('hex');
    const hub = await folder.start({ HUB_ADMIN_EMAIL: 'ada@example.com', HUB_ADMIN_PASSWORD: password });

    expect(await hub.login('ada@example.com', password)).toBeDefined();
    expect(await readdir(inFolder('data'))).not.toContain('admin-password');
    expect(hub.output).not.toContain(password);
  });

  it('is the only one: the second makes no manager, no password and no key', async () => {
    const first = await folder.start();
    const [password, key] = [await passwordOf(), await readFile(inFolder('data/master.key'), 'utf8')];
    expect(await first.end()).toBe(0);
    await writeFile(inFolder('data/admin-password'), 'untouched');

    const second = await folder.start({ HUB_ADMIN_PASSWORD: 'another password' });

    expect(second.output).not.toMatch(/System Manager|password/);
    expect(await readFile(inFolder('data/admin-password'), 'utf8')).toBe('untouched');
    expect(await readFile(inFolder('data/master.key'), 'utf8')).toBe(key);
    expect(await second.login(EMAIL, password)).toBeDefined();
    expect(await second.login(EMAIL, 'another password')).toBeUndefined();
  });
});

describe('a start that is refused', () => {
  const refused = async (env: Record<string, string>) => {
    const hub = folder.spawn(env);
    return { code: await hub.exit(), hub };
  };

  it('names every problem of the configuration in one message, and touches nothing', async () => {
    const { code, hub } = await refused({
      HUB_LOG_LEVEL: 'loud',
      HUB_TRUST_PROXY: 'true',
      HUB_MASTR_KEY: aMasterKey(),
    });

    expect(code).toBe(78);
    expect(hub.stdout).toBe('');
    expect(hub.stderr).toMatch(/^The configuration has 3 problems; nothing was started\.\n/);
    for (const says of [
      /HUB_LOG_LEVEL: is not a level/,
      /HUB_TRUST_PROXY, entry 1: is true/,
      /HUB_MASTR_KEY: .*Did you mean HUB_MASTER_KEY\?/,
    ]) {
      expect(hub.stderr).toMatch(says);
    }
    expect(hub.stderr).not.toMatch(/^\s+at /m);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('says which master key is missing when another is given, and changes nothing', async () => {
    const right = aMasterKey();
    expect(await (await folder.start({ HUB_MASTER_KEY: right })).end()).toBe(0);
    const before = await readFile(inFolder('data/hub.sqlite'));

    const { code, hub } = await refused({ HUB_MASTER_KEY: aMasterKey() });

    expect(code).toBe(78);
    expect(hub.stderr).toMatch(
      /is wrapped by master key mk_[0-9a-f]{16}; given: mk_[0-9a-f]{16}\. Add the missing master key to HUB_MASTER_KEY/,
    );
    expect(hub.stderr).not.toMatch(/^\s+at /m);
    expect(await readFile(inFolder('data/hub.sqlite'))).toEqual(before);
    expect((await folder.start({ HUB_MASTER_KEY: `${aMasterKey()},${right}` })).url).toBeDefined();
  });

  it('names who has the database already, and does not disturb him', async () => {
    const first = await folder.start();

    const { code, hub } = await refused({});

    expect(code).toBe(78);
    expect(hub.stderr).toMatch(
      new RegExp(`hub\\.sqlite is in use by process ${first.pid} on \\S+, since \\d{4}-.*stop that process`),
    );
    expect(await first.ask('{ __typename }')).toMatchObject({ status: 200 });
  });

  it('names the address that is taken, and lets the database go', async () => {
    const first = await folder.start();
    const port = new URL(first.url).port;
    const other = await HubFolder.make();
    try {
      const second = other.spawn({ PORT: port });

      expect(await second.exit()).toBe(75);
      expect(second.stderr).toContain(`cannot listen on 127.0.0.1:${port} (EADDRINUSE)`);
      expect(second.stderr).not.toMatch(/^\s+at /m);
      expect((await other.start()).url).toBeDefined();
    } finally {
      await other.remove();
    }
  });

  it.each([
    ['nobody listens', 'mysql://hub:canary@127.0.0.1:1/hub'],
    ['its name is unknown', 'mysql://hub:canary@nowhere.invalid:3306/hub'],
  ])('does not show the password of a database where %s', async (_what, url) => {
    const { code, hub } = await refused({
      DATABASE_URL: url,
      HUB_MASTER_KEY: aMasterKey(),
      HUB_SPOOL_DIR: inFolder('spool'),
    });

    expect(code).not.toBe(0);
    expect(hub.stderr + hub.stdout).toMatch(/ECONNREFUSED|ENOTFOUND|EAI_AGAIN/);
    expect(hub.output).not.toContain('canary');
  });
});
