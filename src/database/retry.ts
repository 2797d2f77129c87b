import { setTimeout as sleep } from 'node:timers/promises';
import { isTransientConflict } from './dialect.js';
import { isLostConnection } from './lost-connection.js';

/** How often work that lost a deadlock or a certification is run. */
const MAX_CONFLICTS = 8;
const MAX_BACKOFF_MS = 250;

/** How long work goes on looking for a server after it first lost one: a restart, or an election among those left. */
const LOST_LIMIT_MS = 10_000;

/**
 * Runs again, after a random wait, what lost a conflict or a connection; for work that left nothing behind then.
 *
 * @param lostLimitMs 0: a lost connection is told at once
 */
export async function withRetries<T>(attempt: () => Promise<T>, lostLimitMs = LOST_LIMIT_MS): Promise<T> {
  let conflicts = 0;
  let lostSince: number | undefined;
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (isTransientConflict(error)) conflicts += 1;
      else if (isLostConnection(error)) lostSince ??= performance.now();
      else throw error;
      if (conflicts >= MAX_CONFLICTS || (lostSince !== undefined && performance.now() >= lostSince + lostLimitMs))
        throw error;
      await sleep(Math.random() * Math.min(MAX_BACKOFF_MS, 5 * 2 ** tries));
    }
  }
}
