import type { Database } from '../database/database.js';
import { forUpdateSql, nowMsSql } from '../database/dialect.js';
import { readIn } from '../database/read-in.js';
import { marks, type RowChanges, updateEach } from '../database/update-each.js';
import type { Transaction } from '../database/unit-of-work.js';
import type { TokenError } from './token-error.js';
import { TokenEntity } from './token.entity.js';

/** An attempt that asks for the lease of its token. */
export interface LeaseClaim {
  attemptId: string;
  /** As it was read. */
  token: TokenEntity;
  /** The attempt that has let the lease lapse, and may be overtaken. */
  lapsed: string | null;
}

/** Tokens as what one attempt at a time may work on. */
export class TokenLeaseRepository {
  constructor(private readonly database: Database) {}

  /**
   * Gives each attempt the lease of its token where that is free, or has lapsed in the hands that were read, and nobody
   * has had it since.
   *
   * @returns the rows after it: `leaseOwner` tells who holds each
   */
  async leaseEach(tx: Transaction, claims: readonly LeaseClaim[], leaseMs: number): Promise<TokenEntity[]> {
    if (claims.length === 0) return [];
    const now = nowMsSql(this.database.dialect);
    const ids = claims.map(({ token }) => token.id);
    const free = `(leaseOwner IS NULL OR (leaseOwner = ? AND leaseUntilMs < ${now}))`;
    const condition = `id = ? AND generation = ? AND epoch = ? AND ${free}`;
    const seen = claims.map(({ lapsed, token }) => [token.id, token.generation, token.epoch, lapsed ?? '']);
    const owners = claims.flatMap(({ attemptId }, index) => [...(seen[index] ?? []), attemptId]);
    // Nobody knows what became of the request of a lease that lapsed. MySQL sees what stands further left as changed.
    await tx.manager.query(
      `UPDATE token SET unknownOutcomes = unknownOutcomes + CASE WHEN leaseOwner IS NULL THEN 0 ELSE 1 END, ` +
        `leaseOwner = CASE ${`WHEN ${condition} THEN ? `.repeat(claims.length)}END, ` +
        `leaseUntilMs = ${now} + ${leaseMs}, epoch = epoch + 1 ` +
        `WHERE id IN (${marks(ids)}) AND revokedAt IS NULL AND (${claims.map(() => `(${condition})`).join(' OR ')})`,
      [...owners, ...ids, ...seen.flat()],
    );
    return readIn(tx.manager, TokenEntity, 'id', ids);
  }

  /** Ends a lease by which nothing was sent, if this attempt still has it. */
  async giveBack(tx: Transaction, id: string, attemptId: string): Promise<void> {
    await tx.manager.update(TokenEntity, { id, leaseOwner: attemptId }, { leaseOwner: null, leaseUntilMs: 0 });
  }

  /** Tells on the token that was read what hinders it: of one that has changed since that may not be true. */
  async tell(
    tx: Transaction,
    { id, version }: Pick<TokenEntity, 'id' | 'version'>,
    lastError: TokenError,
    now: Date,
  ): Promise<void> {
    const told = { connectionState: 'ERROR' as const, lastError, version: version + 1, updatedAt: now };
    await tx.manager.update(TokenEntity, { id, version }, told);
  }

  /** The rows, which nobody else changes before the commit. */
  lock(tx: Transaction, ids: readonly string[]): Promise<TokenEntity[]> {
    const sorted = [...new Set(ids)].sort();
    return readIn(tx.manager, TokenEntity, 'id', sorted, `ORDER BY id ${forUpdateSql(this.database.dialect)}`);
  }

  /** To rows that are locked. */
  update(tx: Transaction, rows: readonly RowChanges<TokenEntity>[]): Promise<void> {
    return updateEach(tx.manager, TokenEntity, rows);
  }
}
