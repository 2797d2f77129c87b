import { setTimeout as sleep } from 'node:timers/promises';
import { isFileLocked, isLocked, isTransientConflict } from './dialect.js';
import { isLostConnection } from './lost-connection.js';

/** How often work that lost a deadlock or a certification is run. */
const MAX_CONFLICTS = 8;
const MAX_BACKOFF_MS = 250;

/** Whoever is told of a lock before has not waited for it: a session of the hub waits five seconds. */
const LEAST_LOCK_WAIT_MS = 4_000;

/** How long work goes on looking for a server after it first lost one: a restart, or an election among those left. */
const LOST_LIMIT_MS = 10_000;

/** How long work goes on after it first met a lock: of rows, for which it has waited already, or of a SQLite file. */
const LOCKED_LIMIT_MS = 5_000;

/** How long work is run again, from the first failure of a kind; 0: it is told at once. */
export interface RetryLimits {
  lostMs?: number;
  lockedMs?: number;
}

/** Runs again, after a random wait, what lost a conflict or a connection, or met a lock; for work that left nothing behind. */
export async function withRetries<T>(attempt: () => Promise<T>, limits: RetryLimits = {}): Promise<T> {
  const { lockedMs = LOCKED_LIMIT_MS, lostMs = LOST_LIMIT_MS } = limits;
  let conflicts = 0;
  let giveUpAt = Infinity;
  for (let tries = 1; ; tries += 1) {
    const begunAt = performance.now();
    try {
      return await attempt();
    } catch (error) {
      if (isTransientConflict(error) || isToldAtOnce(error, begunAt)) conflicts += 1;
      else if (isLostConnection(error)) giveUpAt = Math.min(giveUpAt, performance.now() + lostMs);
      else if (isLocked(error)) giveUpAt = Math.min(giveUpAt, performance.now() + lockedMs);
      else throw error;
      if (conflicts >= MAX_CONFLICTS || performance.now() >= giveUpAt) throw error;
      await sleep(Math.random() * Math.min(MAX_BACKOFF_MS, 5 * 2 ** tries));
    }
  }
}

/** As a member of a cluster may say it of a conflict: a lock (1205) for which nobody has waited. */
function isToldAtOnce(error: unknown, begunAt: number): boolean {
  return isLocked(error) && !isFileLocked(error) && performance.now() - begunAt < LEAST_LOCK_WAIT_MS;
}
