import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MigrationExecutor } from 'typeorm';
import { StartupError } from '../errors.js';
import type { Database } from './database.js';
import { MIGRATIONS_TABLE } from './data-source.js';
import { isUniqueViolation, nowMsSql } from './dialect.js';
import { MIGRATIONS } from './migrations.js';
import { discardConnection } from './mysql-failover.js';
import { PATIENT } from './mysql-session.js';
import { withRetries } from './retry.js';
import { liftStatementLimit } from './statement-limit.js';

const LEASE_MS = 60_000;
const RENEW_EVERY_MS = 15_000;
const POLL_MS = 250;
const MAX_WAIT_MS = 10 * 60_000;

/**
 * Brings the schema up to date, one replica at a time.
 *
 * The lease is a row that is taken by compare-and-set on database time, so that a killed migrator holds the others up for
 * a minute at most.
 */
export class Migrator {
  private readonly owner = randomUUID();

  constructor(private readonly database: Database) {}

  /** @returns names of the migrations that ran, oldest first */
  async migrate(): Promise<string[]> {
    if (!(await this.isBehind())) return [];
    return this.underLease(() => this.runPending());
  }

  /** Whether this code knows migrations that the database has not seen. */
  async isBehind(): Promise<boolean> {
    const runner = this.database.writer.createQueryRunner();
    try {
      if (!(await runner.hasTable(MIGRATIONS_TABLE))) return true;
    } finally {
      await runner.release();
    }
    const seen = await this.database.writer.query<{ name: string }[]>(`SELECT name FROM ${MIGRATIONS_TABLE}`);
    return MIGRATIONS.some((migration) => !seen.some(({ name }) => name === migration.name));
  }

  private async runPending(): Promise<string[]> {
    const { dialect, writer } = this.database;
    const runner = writer.createQueryRunner();
    liftStatementLimit(runner);
    try {
      if (dialect === 'mysql') await runner.query(PATIENT);
      const executor = new MigrationExecutor(writer, runner);
      executor.transaction = 'each';
      const ran = await executor.executePendingMigrations();
      return ran.map((migration) => migration.name);
    } finally {
      // In the pool, others would wait as long.
      if (dialect === 'mysql') discardConnection(runner);
      await runner.release();
    }
  }

  private async underLease<T>(work: () => Promise<T>): Promise<T> {
    await this.createLease();
    await this.take();
    const renewal = setInterval(() => void this.renew().catch(() => undefined), RENEW_EVERY_MS);
    try {
      return await work();
    } finally {
      clearInterval(renewal);
      await this.execute(`UPDATE migration_lease SET ownedUntilMs = 0 WHERE id = 1 AND owner = '${this.owner}'`);
    }
  }

  private async createLease(): Promise<void> {
    await this.execute(
      'CREATE TABLE IF NOT EXISTS migration_lease (id int PRIMARY KEY, owner varchar(40), ownedUntilMs bigint NOT NULL)',
    );
    try {
      await this.execute('INSERT INTO migration_lease (id, owner, ownedUntilMs) VALUES (1, NULL, 0)');
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
  }

  private async take(): Promise<void> {
    const giveUpAt = performance.now() + MAX_WAIT_MS;
    while (!(await this.renew())) {
      if (performance.now() > giveUpAt) {
        throw new StartupError(
          'Another hub has been migrating this database for ten minutes. See what holds it up, then start again.',
          75,
        );
      }
      await sleep(POLL_MS);
    }
  }

  /** Takes the lease when it is free or already ours. */
  private async renew(): Promise<boolean> {
    const now = nowMsSql(this.database.dialect);
    await this.execute(
      `UPDATE migration_lease SET owner = '${this.owner}', ownedUntilMs = ${now} + ${LEASE_MS} ` +
        `WHERE id = 1 AND (owner = '${this.owner}' OR ownedUntilMs < ${now})`,
    );
    const [row] = (await this.execute('SELECT owner FROM migration_lease WHERE id = 1')) as { owner: string | null }[];
    return row?.owner === this.owner;
  }

  /** For the statements about the lease, which may run twice. */
  private execute(sql: string): Promise<unknown> {
    return withRetries(() => this.database.writer.query(sql));
  }
}
