import { AsyncLocalStorage } from 'node:async_hooks';
import type { PooledConnection } from './mysql-session.js';

/**
 * Longer than a statement of the hub takes, also while a cluster votes a member out. A server that keeps silent for so
 * long is taken for lost.
 */
const LIMIT_MS = 10_000;

const unlimited = new AsyncLocalStorage<true>();

/** For migrations, which may take as long as a table is large. */
export function withoutStatementLimit<T>(work: () => Promise<T>): Promise<T> {
  return unlimited.run(true, work);
}

/** Ends the connection of a statement that takes too long: the server rolls back what was open on it. */
export async function withinStatementLimit<T>(connection: PooledConnection, send: () => Promise<T>): Promise<T> {
  if (unlimited.getStore()) return send();
  let isSettled = false;
  const giveUp = (): void => {
    if (!isSettled) connection.stream.destroy(tooSlow());
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

function tooSlow(): Error {
  const message = `The database has not answered a statement for ${LIMIT_MS / 1000} s.`;
  return Object.assign(new Error(message), { code: 'PROTOCOL_SEQUENCE_TIMEOUT' });
}
