import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { handOverPassword } from '../../src/cli/hand-over-password.js';
import { StartupError } from '../../src/errors.js';
import { Secret } from '../../src/secret.js';

const EMAIL = 'admin@example.com';
const WORD = 'made-up-for-this-test';

/** What stands in for standard output. */
class Screen {
  text = '';

  constructor(readonly isTTY: boolean) {}

  write(text: string): void {
    this.text += text;
  }
}

describe('handing over a generated password', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-password-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const given = (path = join(folder, 'hub.sqlite')) => ({
    email: EMAIL,
    password: new Secret(WORD),
    database: { kind: 'sqlite', path } as const,
  });

  it('shows it on a terminal and writes no file', async () => {
    const screen = new Screen(true);

    expect(await handOverPassword(given(), screen)).toBeUndefined();

    expect(screen.text).toContain(`Password of ${EMAIL}: ${WORD}\n`);
    expect(await readdir(folder)).toEqual([]);
  });

  it('writes it beside the database, for the owner alone, where there is no terminal', async () => {
    const screen = new Screen(false);

    const path = await handOverPassword(given(), screen);

    expect(path).toBe(join(folder, 'admin-password'));
    expect(await readFile(path ?? '', 'utf8')).toBe(`${WORD}\n`);
    expect((await stat(path ?? '')).mode & 0o777).toBe(0o600);
    expect(screen.text).toBe('');
    expect(await readdir(folder)).toEqual(['admin-password']);
  });

  it('replaces what already has the name instead of writing into it', async () => {
    const elsewhere = join(folder, 'elsewhere');
    await writeFile(elsewhere, 'untouched', { mode: 0o644 });
    await symlink(elsewhere, join(folder, 'admin-password'));

    const path = await handOverPassword(given(), new Screen(false));

    expect(await readFile(elsewhere, 'utf8')).toBe('untouched');
    expect(await readFile(path ?? '', 'utf8')).toBe(`${WORD}\n`);
    expect((await stat(path ?? '')).mode & 0o777).toBe(0o600);
  });

  it('says what to do when the file cannot be written, without the password', async () => {
    const attempt = handOverPassword(given(join(folder, 'missing', 'hub.sqlite')), new Screen(false));

    const error = (await attempt.catch((each: unknown) => each)) as StartupError;

    expect(error).toBeInstanceOf(StartupError);
    expect(error.message).toMatch(
      /missing\/admin-password \(ENOENT\)\. Correct the folder, .* npm run admin:reset-password/,
    );
    expect(`${error.message}${error.stack}`).not.toContain(WORD);
  });
});
