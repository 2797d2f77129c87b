import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ProcessLock } from '../database/process-lock.js';
import { StartupError } from '../errors.js';

const LOCK_NAME = 'spool.lock';

/**
 * Makes the folder where answers of providers wait while the database is away, and proves that it takes files.
 *
 * The mode of a folder that is there already is its owner's affair: it may be a volume, or hold other things too.
 *
 * @throws StartupError
 */
export function prepareSpoolFolder(path: string): void {
  const probe = join(path, `.probe-${process.pid}`);
  try {
    const firstMade = mkdirSync(path, { recursive: true, mode: 0o700 });
    if (firstMade !== undefined) syncNames(resolve(path), resolve(firstMade));
    writeFileSync(probe, '', { mode: 0o600, flush: true });
    rmSync(probe);
  } catch (error) {
    throw spoolUnusable(path, 'written', error);
  }
}

/**
 * Keeps other processes out: two would take each other's slots for free ones.
 *
 * @throws StartupError naming the holder when another process has the folder
 */
export function lockSpoolFolder(path: string): ProcessLock {
  const lockPath = join(path, LOCK_NAME);
  try {
    // SQLite would make it readable for all.
    writeFileSync(lockPath, '', { flag: 'a', mode: 0o600 });
    return ProcessLock.acquire(
      path,
      'Each replica has a spool folder of its own: stop that process, or point HUB_SPOOL_DIR of this one to another folder.',
      lockPath,
    );
  } catch (error) {
    throw error instanceof StartupError ? error : spoolUnusable(path, 'locked', error);
  }
}

/** Tells it from another one at the same place, such as where its volume is not mounted. */
export async function folderMark(path: string): Promise<string> {
  const { dev, ino } = await stat(path, { bigint: true });
  return `${dev}:${ino}`;
}

/** Of new folders, the outermost included: each name stands in the folder above. */
function syncNames(path: string, outermost: string): void {
  if (process.platform === 'win32') return;
  for (let made = path; made.length >= outermost.length; made = dirname(made)) {
    const parent = openSync(dirname(made), 'r');
    try {
      fsyncSync(parent);
    } finally {
      closeSync(parent);
    }
  }
}

/** Without this the name of a new file may be gone after a power failure, and what it holds with it. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** @param verb what cannot be done with it, as in `cannot be written` */
export function spoolUnusable(path: string, verb: string, error: unknown): StartupError {
  const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
  return new StartupError(
    `The spool folder ${path} cannot be ${verb} (${reason}): point HUB_SPOOL_DIR to a persistent folder of the user that runs the hub.`,
    78,
    { cause: error },
  );
}
