import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HubFolder } from '../support/hub-process.js';

const EMAIL = 'admin@hub.local';
const PROGRAM = 'cli/admin-reset-password';

/** From the first start on: hub and command as an operator has them. */
describe('resetting the password of a locked out System Manager', () => {
  let folder: HubFolder;
  beforeAll(async () => {
    folder = await HubFolder.make();
  });
  afterAll(() => folder.remove());

  const path = () => join(folder.path, 'data/admin-password');
  const passwordOf = async () => (await readFile(path(), 'utf8')).trim();

  it('is refused while the hub runs, names it, and changes nothing', async () => {
    const hub = await folder.start();
    const password = await passwordOf();

    const command = folder.spawn({}, PROGRAM);

    expect(await command.exit()).toBe(78);
    expect(command.stderr).toMatch(new RegExp(`in use by process ${hub.pid} on .*stop that process`));
    expect(command.stderr).not.toMatch(/^\s+at /m);
    expect(await passwordOf()).toBe(password);
    expect(await hub.login(EMAIL, password)).toBeDefined();
    expect(await hub.end()).toBe(0);
  });

  it('works while the hub is down, and ends every session', async () => {
    const before = await folder.start();
    const old = await passwordOf();
    const token = await before.login(EMAIL, old);
    await before.end();

    const command = folder.spawn({}, PROGRAM, ['--email', EMAIL.toUpperCase()]);

    expect(await command.exit()).toBe(0);
    const password = await passwordOf();
    expect(password).not.toBe(old);
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect(command.stdout).toContain(path());
    expect(command.output).not.toContain(password);
    const after = await folder.start();
    expect(await after.login(EMAIL, old)).toBeUndefined();
    expect(await after.login(EMAIL, password)).toBeDefined();
    const { status } = await after.ask('{ viewer { id } }', {}, { authorization: `Bearer ${token}` });
    expect(status).toBe(401);
    await after.end();
  });

  it('needs no master key, which it does not touch', async () => {
    const key = await readFile(join(folder.path, 'data/master.key'), 'utf8');
    const command = folder.spawn({ HUB_MASTER_KEY: 'not a key at all' }, PROGRAM);

    expect(await command.exit()).toBe(0);
    expect(await readFile(join(folder.path, 'data/master.key'), 'utf8')).toBe(key);
  });
});
