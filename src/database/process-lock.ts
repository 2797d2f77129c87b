import { hostname } from 'node:os';
import BetterSqlite3 from 'better-sqlite3';
import { StartupError } from '../errors.js';

interface Holder {
  pid: number;
  host: string;
  since: string;
}

/** Ends the refusal of a second hub on a SQLite file: what is to be done about it. */
const ONE_HUB_FOR_A_DATABASE =
  'SQLite serves one hub at a time: ' +
  'stop that process, or point DATABASE_URL of this one to another file or to MySQL.';

/**
 * An exclusive lock on a file or folder: one hub process for each.
 *
 * The lock is the write lock of a small SQLite file, so the operating system releases it with the process, however that
 * ends; readers can still see who holds it. It is held as long as this object is in reach.
 */
export class ProcessLock {
  private constructor(private readonly connection: BetterSqlite3.Database) {}

  /**
   * @param path what is locked, as the refusal names it; by default a SQLite database
   * @param advice ends the refusal: what is to be done about it
   * @throws StartupError naming the holder when another process has the lock
   */
  static acquire(path: string, advice = ONE_HUB_FOR_A_DATABASE, lockPath = `${path}.lock`): ProcessLock {
    const connection = new BetterSqlite3(lockPath, { timeout: 0 });
    try {
      return ProcessLock.lock(connection, path, advice);
    } catch (error) {
      const holder = isBusy(error) ? readHolder(connection) : undefined;
      connection.close();
      if (!isBusy(error)) throw error;
      throw new StartupError(refusal(path, holder, advice), 78, { cause: error });
    }
  }

  release(): void {
    if (!this.connection.open) return;
    this.connection.exec('ROLLBACK');
    this.connection.close();
  }

  private static lock(connection: BetterSqlite3.Database, path: string, advice: string): ProcessLock {
    const me: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
    connection.exec('BEGIN IMMEDIATE');
    connection.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER, host TEXT, since TEXT)');
    connection.exec('DELETE FROM holder');
    connection.prepare('INSERT INTO holder VALUES (@pid, @host, @since)').run(me);
    connection.exec('COMMIT');
    connection.exec('BEGIN IMMEDIATE');
    const holder = readHolder(connection);
    if (holder?.pid !== me.pid || holder.since !== me.since) {
      throw new StartupError(refusal(path, holder, advice));
    }
    return new ProcessLock(connection);
  }
}

function readHolder(connection: BetterSqlite3.Database): Holder | undefined {
  try {
    return connection.prepare<[], Holder>('SELECT pid, host, since FROM holder').get();
  } catch {
    return undefined;
  }
}

function isBusy(error: unknown): boolean {
  // By its code alone: the native part makes its errors with the class that was loaded first in the process.
  return String((error as { code?: unknown } | null)?.code).startsWith('SQLITE_BUSY');
}

function refusal(path: string, holder: Holder | undefined, advice: string): string {
  const who = holder ? `process ${holder.pid} on ${holder.host}, since ${holder.since}` : 'another process';
  return `${path} is in use by ${who}. ${advice}`;
}
