import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartupError } from '../errors.js';

/**
 * Makes the folder where answers of providers wait while the database is away, and proves that it takes files.
 *
 * @throws StartupError
 */
export function prepareSpoolFolder(path: string): void {
  const probe = join(path, `.probe-${process.pid}`);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    writeFileSync(probe, '', { mode: 0o600, flush: true });
    rmSync(probe);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new StartupError(
      `The spool folder ${path} cannot be written (${reason}): point HUB_SPOOL_DIR to a persistent folder of the user that runs the hub.`,
      78,
      { cause: error },
    );
  }
}
