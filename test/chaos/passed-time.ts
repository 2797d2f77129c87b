import type { DatabaseWindow } from '../token/database-window.js';

const MICROSECONDS = 1000;
/** Longer than every wait of a token: backoff, lease, recovery of an unknown outcome, lifetime. */
const HOURS_MS = 3 * 60 * 60_000;
const NEVER = '9999-01-01';

/**
 * Makes a token's instants lie hours back, as if nobody had touched it for so long. Only while nothing is under way for
 * it: what a living process has begun would have ended long before.
 */
export async function letHoursPass(rows: DatabaseWindow, tokenId: string): Promise<void> {
  const back = (column: string): string =>
    `${column} = IF(${column} < '${NEVER}', ${column} - INTERVAL ${HOURS_MS * MICROSECONDS} MICROSECOND, ${column})`;
  await rows.query(
    `UPDATE token SET ${['expiresAt', 'sortExpiresAt', 'issuedAt', 'lastRefreshedAt'].map(back).join(', ')},
      leaseUntilMs = GREATEST(leaseUntilMs - ${HOURS_MS}, 0),
      lastError = JSON_REPLACE(lastError, '$.retryAt', NULL)
     WHERE id = ?`,
    [tokenId],
  );
  await rows.query(
    `UPDATE exchange_attempt SET ${['startedAt', 'finishedAt'].map(back).join(', ')} WHERE tokenId = ?`,
    [tokenId],
  );
}
