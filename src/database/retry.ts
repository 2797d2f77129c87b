import { setTimeout as sleep } from 'node:timers/promises';
import { isLocked, isTransientConflict } from './dialect.js';
import { isLostConnection } from './lost-connection.js';

/** How often work that lost a deadlock or a certification is run. */
const MAX_CONFLICTS = 8;
const MAX_BACKOFF_MS = 250;

/** How long work goes on looking for a server after it first lost one: a restart, or an election among those left. */
const LOST_LIMIT_MS = 10_000;

/** How long work goes on waiting for another process's lock on a SQLite file. */
const LOCKED_LIMIT_MS = 5_000;

/**
 * Runs again, after a random wait, what lost a conflict or a connection, or met a lock; for work that left nothing behind.
 *
 * @param lostLimitMs 0: a lost connection is told at once
 */
export async function withRetries<T>(attempt: () => Promise<T>, lostLimitMs = LOST_LIMIT_MS): Promise<T> {
  let conflicts = 0;
  let giveUpAt = Infinity;
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (isTransientConflict(error)) conflicts += 1;
      else if (isLostConnection(error)) giveUpAt = Math.min(giveUpAt, performance.now() + lostLimitMs);
      else if (isLocked(error)) giveUpAt = Math.min(giveUpAt, performance.now() + LOCKED_LIMIT_MS);
      else throw error;
      if (conflicts >= MAX_CONFLICTS || performance.now() >= giveUpAt) throw error;
      await sleep(Math.random() * Math.min(MAX_BACKOFF_MS, 5 * 2 ** tries));
    }
  }
}
