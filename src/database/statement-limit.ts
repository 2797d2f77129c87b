import type { QueryRunner } from 'typeorm';
import { driverError } from './dialect.js';
import type { PooledConnection } from './mysql-session.js';

/**
 * Longer than a statement of the hub takes, also while a cluster votes a member out. A server that keeps silent for so
 * long is taken for lost; one that answers others meanwhile is not.
 */
const LIMIT_MS = 10_000;

/** As mysql2 says it. */
const SILENT = 'PROTOCOL_SEQUENCE_TIMEOUT';
const TOO_SLOW = 'STATEMENT_TOO_SLOW';

const unlimited = new WeakSet<QueryRunner>();

/** For migrations, whose statements may take as long as a table is large. */
export function liftStatementLimit(runner: QueryRunner): void {
  unlimited.add(runner);
}

/**
 * Ends the connection of a statement that takes too long: the server rolls back what was open on it.
 *
 * @param isSilent whether the server has not answered anybody else either
 */
export async function withinStatementLimit<T>(
  runner: QueryRunner,
  connection: PooledConnection,
  send: () => Promise<T>,
  isSilent: () => boolean,
): Promise<T> {
  if (unlimited.has(runner)) return send();
  let isSettled = false;
  const giveUp = (): void => {
    if (!isSettled) connection.stream.destroy(tooSlow(isSilent() ? SILENT : TOO_SLOW));
  };
  // After a look at what has arrived: this process itself may have stood still.
  const timer = setTimeout(() => setImmediate(giveUp), LIMIT_MS);
  try {
    return await send();
  } finally {
    isSettled = true;
    clearTimeout(timer);
  }
}

/** It was the statement, not the server, that took too long. */
export function isTooSlow(error: unknown): boolean {
  return driverError(error)?.code === TOO_SLOW;
}

function tooSlow(code: string): Error {
  const message = `The database has not answered a statement for ${LIMIT_MS / 1000} s.`;
  return Object.assign(new Error(message), { code });
}
