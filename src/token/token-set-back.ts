import { In } from 'typeorm';
import { shiftBack, shifted } from '../database/shifted.js';
import type { Transaction } from '../database/unit-of-work.js';
import type { Dated, SetBack } from '../set-back-watch.js';
import { ExchangeAttemptEntity } from './exchange-attempt.entity.js';
import { LEASE_MS } from './exchange-lease.js';
import { NEVER } from './token-status.js';
import { TokenEntity } from './token.entity.js';

/** In SQLite's words, as are all statements here: no other database's clock is set back by its machine. */
const notAfterNow = (column: string) => (): string => `MIN(${column}, :now)`;

/** Renewed by whoever asks first; what cannot be renewed ends as much earlier as the clock is known to be behind. */
const doubted = (column: string) => (): string =>
  `CASE WHEN expiresAt IS NULL THEN ${column} WHEN renewable THEN MIN(${column}, :now) ELSE ${shifted(column)()} END`;

/**
 * Tokens whose lifetimes were counted by a clock that was set back since: none that can be renewed is handed out before
 * it was, and nothing that waits waits for longer than it was to.
 */
export class TokenSetBack implements Dated {
  async clockSetBack(tx: Transaction, { byMs, now }: SetBack): Promise<void> {
    const parameters = { now, never: NEVER, shift: shiftBack(byMs) };
    await tx.manager
      .createQueryBuilder()
      .update(TokenEntity)
      .set({
        sortExpiresAt: doubted('sortExpiresAt'),
        expiresAt: doubted('expiresAt'),
        refreshTokenExpiresAt: shifted('refreshTokenExpiresAt'),
        authorizationExpiresAt: shifted('authorizationExpiresAt'),
        nextRefreshAt: () => 'CASE WHEN nextRefreshAt < :never THEN MIN(nextRefreshAt, :now) ELSE nextRefreshAt END',
        leaseUntilMs: () => `MIN(leaseUntilMs, ${now.getTime() + LEASE_MS})`,
        lastError: () => "json_set(lastError, '$.retryAt', NULL)",
        issuedAt: notAfterNow('issuedAt'),
        authorizedAt: notAfterNow('authorizedAt'),
        lastRefreshedAt: notAfterNow('lastRefreshedAt'),
        lastUsedAt: notAfterNow('lastUsedAt'),
        sortLastUsedAt: notAfterNow('sortLastUsedAt'),
      })
      .where('revokedAt IS NULL')
      .setParameters(parameters)
      .execute();
    // Lifetimes of answers that are not read yet count from here.
    await tx.manager
      .createQueryBuilder()
      .update(ExchangeAttemptEntity)
      .set({ startedAt: shifted('startedAt') })
      .where({ state: In(['STARTED', 'ANSWERED', 'UNREADABLE', 'NOT_SENT', 'UNKNOWN']) })
      .setParameters(parameters)
      .execute();
  }
}
