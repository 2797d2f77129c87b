import type { Socket } from 'node:net';
import { type Ask, readMembership } from './mysql-cluster.js';
import { UnfitServerError } from './unfit-server.error.js';

/** What every connection is set to before its first statement. */
const SETTINGS = [
  'SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  "SESSION time_zone = '+00:00'",
  "SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE'",
  // Who waits for a lock gives up before the hub does, and leaves nothing waiting at the server; it is tried again.
  'SESSION innodb_lock_wait_timeout = 5',
  'SESSION lock_wait_timeout = 5',
];

/** For a session that changes tables, until it ends: it waits for who uses one, such as a backup. */
export const PATIENT = 'SET SESSION innodb_lock_wait_timeout = 60, lock_wait_timeout = 60';

/** Reads and BEGIN wait until this member has what any member had acknowledged before. */
const GALERA_SETTINGS = ['SESSION wsrep_sync_wait = 1'];

const LIMIT_MS = 5_000;

/** A connection of mysql2's pool, as far as it is used here. */
export interface PooledConnection {
  readonly stream: Socket;
  promise(): { query(statement: { sql: string; timeout: number }): Promise<[unknown, unknown]> };
  on(event: 'error', listener: () => void): void;
  destroy(): void;
  release(): void;
}

/**
 * Sets isolation, time zone and strictness, on a member of a cluster also that reads are as new as any write.
 *
 * @param clusterUuid the only cluster whose members may be used; undefined: any server may
 * @param mustWrite whether there is another server to ask where this one takes no writes
 * @throws UnfitServerError
 */
export async function prepareSession(
  connection: PooledConnection,
  clusterUuid: string | undefined,
  mustWrite: boolean,
): Promise<void> {
  const ask: Ask = async (sql) => (await connection.promise().query({ sql, timeout: LIMIT_MS }))[0];
  const membership = await readMembership(ask);
  if (membership && !membership.isReady) {
    throw new UnfitServerError('This member has not joined its cluster, or has lost the majority.');
  }
  if (clusterUuid !== undefined && membership?.clusterUuid !== clusterUuid) {
    throw new UnfitServerError('This server belongs to another cluster than the others did at the start of the hub.');
  }
  if (mustWrite && (await isReadOnlyNow(ask))) throw new UnfitServerError('This server takes no writes.');
  for (const setting of [...SETTINGS, ...(membership ? GALERA_SETTINGS : [])]) await ask(`SET ${setting}`);
}

async function isReadOnlyNow(ask: Ask): Promise<boolean> {
  const rows = await ask("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'innodb_read_only')");
  return (rows as { Value: string }[]).some(({ Value: value }) => value !== 'OFF');
}
