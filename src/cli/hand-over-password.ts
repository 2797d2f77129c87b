import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DatabaseTarget } from '../database/target.js';
import { StartupError } from '../errors.js';
import type { Secret } from '../secret.js';

const FILE_NAME = 'admin-password';

/** Standard output, or what stands for it in a test. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

interface GeneratedPassword {
  readonly email: string;
  readonly password: Secret;
  /** A SQLite file has the password's file beside it; with MySQL it is in the working directory. */
  readonly database: DatabaseTarget;
}

/**
 * Gives a generated password to the operator and to nobody else: on the terminal, or in a file of mode 600 where there
 * is none, because output that is not a terminal ends in a log.
 *
 * @returns path of the file; undefined when the terminal has shown the password
 * @throws StartupError when the file cannot be written
 */
export async function handOverPassword(given: GeneratedPassword, terminal: Terminal): Promise<string | undefined> {
  const { email, password, database } = given;
  if (terminal.isTTY) {
    terminal.write(`\nPassword of ${email}: ${password.reveal()}\nIt is shown this once: log in and change it.\n\n`);
    return undefined;
  }
  const path = join(database.kind === 'sqlite' ? dirname(database.path) : process.cwd(), FILE_NAME);
  try {
    await writeWhole(path, `${password.reveal()}\n`);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new StartupError(
      `The password of ${email} could not be written to ${path} (${reason}). ` +
        'Correct the folder, then set a new one with: npm run admin:reset-password',
      undefined,
      { cause: error },
    );
  }
  return path;
}

/** Under a name of its own first: a file or link that already stands at `path` is replaced, never written into. */
async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(8).toString('hex')}.new`;
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx', flush: true });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
