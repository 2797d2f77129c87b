import type { EntityManager, QueryRunner } from 'typeorm';
import type { Database, Reader } from './database.js';
import { isInTransaction, isLocked, isTransientConflict, waitForNoLock } from './dialect.js';
import { Lane } from './lane.js';
import { isNotDone } from './lost-connection.js';
import { discardConnection } from './mysql-failover.js';
import { withoutNesting } from './nesting.js';
import { type RetryLimits, withRetries } from './retry.js';
import { UnclearCommitError } from './unclear-commit.error.js';

/** With one for each group of writes these leave connections to all others. */
const LANE_WIDTH = 3;

/** The right to write. Only a UnitOfWork makes one, and it ends with the commit. */
export class Transaction implements Reader {
  constructor(readonly manager: EntityManager) {}
}

/**
 * The only place that opens a transaction.
 *
 * The work may run more than once (deadlocks, certification failures, lost connections, locks), so it must await database
 * statements only and change nothing outside the transaction.
 */
export class UnitOfWork {
  /** For units of work that may wait long for locks. */
  readonly lane = new Lane(LANE_WIDTH);
  private tail: Promise<unknown> = Promise.resolve();

  constructor(private readonly database: Database) {
    if (database.dialect === 'sqlite') waitForNoLock(database.writer);
  }

  /** Whether nothing else goes on in the process during a commit. */
  get commitsBlock(): boolean {
    return this.database.dialect === 'sqlite';
  }

  /**
   * Commits what `work` wrote, or nothing at all, and gives its result.
   *
   * @param limits on MySQL; by default ten seconds after a lost connection, five after a lock that was waited for
   * @throws UnclearCommitError when the connection was lost during the COMMIT
   */
  async run<T>(work: (tx: Transaction) => Promise<T>, limits?: RetryLimits): Promise<T> {
    return withoutNesting(() =>
      this.database.dialect === 'sqlite'
        ? this.inTurn(() => withRetries(() => this.attemptOnSqlite(work)))
        : withRetries(() => this.attemptOnMysql(work), limits),
    );
  }

  private async attemptOnMysql<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const runner = this.database.writer.createQueryRunner();
    try {
      await runner.startTransaction();
      const result = await work(new Transaction(runner.manager));
      await commit(runner);
      return result;
    } catch (error) {
      await rollBack(runner);
      throw error;
    } finally {
      await runner.release();
    }
  }

  /**
   * Not by TypeORM, whose count of open transactions goes wrong for good when SQLite rolls one back by itself, as it
   * does on a full disk.
   */
  private async attemptOnSqlite<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const { manager } = this.database.writer;
    await manager.query('BEGIN IMMEDIATE');
    try {
      const result = await work(new Transaction(manager));
      await manager.query('COMMIT');
      return result;
    } catch (error) {
      if (isInTransaction(this.database.writer)) await manager.query('ROLLBACK');
      throw error;
    }
  }

  /** SQLite has one writing connection: transactions take turns on it. */
  private inTurn<T>(attempt: () => Promise<T>): Promise<T> {
    const result = this.tail.then(attempt);
    this.tail = result.catch(() => undefined);
    return result;
  }
}

/** Only a refusal by conflict, lock or read-only server says that nothing was stored; so does a COMMIT that was not sent. */
async function commit(runner: QueryRunner): Promise<void> {
  try {
    await runner.commitTransaction();
  } catch (error) {
    if (isTransientConflict(error) || isLocked(error) || isNotDone(error)) throw error;
    throw new UnclearCommitError(error);
  }
}

async function rollBack(runner: QueryRunner): Promise<void> {
  try {
    await runner.rollbackTransaction();
  } catch {
    // The server rolls back by itself when the connection ends; in the pool, the next BEGIN would commit what is open.
    discardConnection(runner);
  }
}
