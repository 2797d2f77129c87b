import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import type { Database, Reader } from './database.js';
import { isInTransaction, isTransientConflict } from './dialect.js';

/** How often a unit of work that lost a deadlock or a certification is run again. */
const MAX_TRIES = 8;
const MAX_BACKOFF_MS = 250;

/** The right to write. Only a UnitOfWork makes one, and it ends with the commit. */
export class Transaction implements Reader {
  constructor(readonly manager: EntityManager) {}
}

/**
 * The only place that opens a transaction.
 *
 * The work may run more than once (deadlocks, certification failures), so it must await database statements only and
 * change nothing outside the transaction.
 */
export class UnitOfWork {
  private readonly running = new AsyncLocalStorage<true>();
  private tail: Promise<unknown> = Promise.resolve();

  constructor(private readonly database: Database) {}

  /** Commits what `work` wrote, or nothing at all, and gives its result. */
  async run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    if (this.running.getStore()) throw new TypeError('A unit of work is already open here: pass its transaction on');
    return this.running.run(true, () =>
      this.database.dialect === 'sqlite' ? this.inTurn(() => this.attemptOnSqlite(work)) : this.withRetries(work),
    );
  }

  private attempt<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.writer.transaction((manager) => work(new Transaction(manager)));
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

  private async withRetries<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.attempt(work);
      } catch (error) {
        if (tries >= MAX_TRIES || !isTransientConflict(error)) throw error;
        await sleep(Math.random() * Math.min(MAX_BACKOFF_MS, 5 * 2 ** tries));
      }
    }
  }
}
