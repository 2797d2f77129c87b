import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RateLimitedError } from '../../src/errors.js';
import type { UserEntity } from '../../src/user/user.entity.js';
import { Sessions } from '../session/sessions.js';
import { describeEachDatabase } from '../support/databases.js';
import { contextOf } from '../user/people.js';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = ['--import', '@swc-node/register/esm-register', join(ROOT, 'src/cli/admin-reset-password.ts')];

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** The command as a process of its own. */
async function runIn(cwd: string, args: string[], given: NodeJS.ProcessEnv): Promise<Outcome> {
  const env = { PATH: process.env['PATH'], TS_NODE_PROJECT: join(ROOT, 'tsconfig.json'), ...given };
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [...PROGRAM, ...args], { cwd, env })) };
  } catch (error) {
    const { code, stdout, stderr } = error as Outcome;
    return { code, stdout, stderr };
  }
}

describeEachDatabase('npm run admin:reset-password', (testDatabase) => {
  let url: string;
  let folder: string;

  beforeAll(async () => {
    url = await testDatabase.freshUrl();
    folder = await mkdtemp(join(tmpdir(), 'hub-reset-'));
    // The loader is looked up from the folder that the command runs in.
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const run = (args: string[], env: NodeJS.ProcessEnv = {}) => runIn(folder, args, { DATABASE_URL: url, ...env });

  /** Opens the hub for a moment: on SQLite the command waits for nobody. */
  const withHub = async <T>(work: (hub: Sessions) => Promise<T>): Promise<T> => {
    const hub = await Sessions.open(url);
    try {
      return await work(hub);
    } finally {
      await hub.close();
    }
  };

  const passwordFile = () =>
    testDatabase.dialect === 'sqlite'
      ? join(dirname(url.slice('sqlite:'.length)), 'admin-password')
      : join(folder, 'admin-password');

  it('forgets the wrong passwords that hold him up', async () => {
    const admin = await withHub(async (hub) => {
      const made = await hub.people.manager({ email: 'slow@example.com' });
      for (let tried = 0; tried < 5; tried += 1) await hub.login(made, 'wrong').catch(() => undefined);
      await expect(hub.login(made, 'wrong')).rejects.toThrow(RateLimitedError);
      return made;
    });

    await run(['--email', 'slow@example.com']);

    const password = (await readFile(passwordFile(), 'utf8')).trim();
    await withHub(async (hub) => {
      await expect(hub.login(admin, password)).resolves.toMatchObject({ user: { id: admin.id } });
    });
  });

  it('lets a locked out System Manager in again, and tells the log only where the password is', async () => {
    const admin = await withHub(async (hub) => {
      const made = await hub.people.manager({ email: 'admin@example.com' });
      await hub.people.manager();
      return hub.people.change.update(contextOf(null), { id: made.id, enabled: false, roles: ['MEMBER'] });
    });

    const { code, stdout, stderr } = await run(['--email', 'Admin@Example.com']);

    const password = (await readFile(passwordFile(), 'utf8')).trim();
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(passwordFile()) });
    expect((await stat(passwordFile())).mode & 0o777).toBe(0o600);
    expect(password).toMatch(/^[0-9a-f]{32}$/);
    expect(`${stdout}${stderr}`).not.toContain(password);
    await withHub(async (hub) => {
      const { user } = await hub.login(admin, password);
      expect(user).toMatchObject({ enabled: true, roles: ['SYSTEM_MANAGER', 'MEMBER'] });
      const trail = await hub.people.trail(admin.id);
      expect(trail).toContainEqual(
        expect.objectContaining({ action: 'PASSWORD_CHANGED', actorName: 'hub', actorId: null }),
      );
    });
  });

  it('takes the address of HUB_ADMIN_EMAIL when none is given, and ends the sessions of its user', async () => {
    const [user, grant] = await withHub(async (hub) => {
      const made = await hub.people.manager();
      return [made, await hub.login(made)] as const;
    });

    const { code } = await run([], { HUB_ADMIN_EMAIL: user.email ?? '' });

    expect(code).toBe(0);
    await withHub((hub) => expect(hub.authenticate(grant)).resolves.toBeNull());
  });

  it('refuses an address that nobody has, the default one included', async () => {
    const outcome = await run([]);

    expect(outcome).toMatchObject({
      code: 78,
      stdout: '',
      stderr: expect.stringContaining('address admin@hub.local.'),
    });
    expect(outcome.stderr).toContain('npm run admin:reset-password -- --email <address>');
    expect(outcome.stderr).not.toMatch(/^\s+at /m);
  });

  it('refuses while the hub runs on the same SQLite file, and names it; with MariaDB it need not', async () => {
    const [outcome, user] = await withHub(async (hub): Promise<[Outcome, UserEntity]> => {
      const made = await hub.people.manager();
      return [await run(['--email', made.email ?? '']), made];
    });

    if (testDatabase.dialect === 'mysql') {
      expect(outcome.code).toBe(0);
    } else {
      expect(outcome).toMatchObject({ code: 78, stderr: expect.stringContaining(`process ${process.pid} on `) });
      await withHub((hub) => expect(hub.login(user)).resolves.toBeDefined());
    }
  });
});

describe('npm run admin:reset-password', () => {
  it.each([
    { what: 'an argument', args: ['--force'], env: {}, code: 64, says: 'npm run admin:reset-password -- --email' },
    { what: 'a database', args: [], env: { DATABASE_URL: 'postgres://localhost/hub' }, code: 78, says: 'DATABASE_URL' },
    { what: 'an address', args: [], env: { HUB_ADMIN_EMAIL: 'nonsense' }, code: 78, says: 'HUB_ADMIN_EMAIL' },
  ])('refuses $what it cannot read, before it touches anything', async ({ args, env, code, says }) => {
    const outcome = await runIn(ROOT, args, { DATABASE_URL: 'sqlite:/proc/nowhere/hub.sqlite', ...env });

    expect(outcome).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(says) });
    expect(outcome.stderr).not.toMatch(/^\s+at /m);
  });
});
