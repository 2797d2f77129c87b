import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DataSource, EntityManager } from 'typeorm';
import { createDataSource } from './data-source.js';
import { prepareMysqlSessions } from './mysql-session.js';
import { ProcessLock } from './process-lock.js';
import type { DatabaseTarget, Dialect } from './target.js';

/** Anything that rows can be read through: the database itself, or a transaction that sees its own writes. */
export interface Reader {
  readonly manager: EntityManager;
}

/** An open database. Reads go through `manager`; every write goes through UnitOfWork. */
export class Database implements Reader {
  private constructor(
    readonly dialect: Dialect,
    /** For UnitOfWork and the migrations only. */
    readonly writer: DataSource,
    private readonly reader: DataSource,
    private readonly lock: ProcessLock | undefined,
  ) {}

  /**
   * Opens without migrating.
   *
   * @throws StartupError when another process holds the SQLite file
   */
  static async open(target: DatabaseTarget): Promise<Database> {
    return target.kind === 'sqlite' ? Database.openSqlite(target) : Database.openMysql(target);
  }

  private static async openSqlite(target: DatabaseTarget & { kind: 'sqlite' }): Promise<Database> {
    mkdirSync(dirname(target.path), { recursive: true });
    const lock = ProcessLock.acquire(target.path);
    try {
      const writer = await createDataSource(target).initialize();
      const reader = await createDataSource(target, { readOnly: true }).initialize();
      return new Database('sqlite', writer, reader, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  private static async openMysql(target: DatabaseTarget & { kind: 'mysql' }): Promise<Database> {
    const dataSource = createDataSource(target);
    await dataSource.initialize();
    await prepareMysqlSessions(dataSource);
    return new Database('mysql', dataSource, dataSource, undefined);
  }

  /** On SQLite a connection of its own that cannot write, so that no read joins a transaction in progress. */
  get manager(): EntityManager {
    return this.reader.manager;
  }

  async close(): Promise<void> {
    if (this.reader !== this.writer) await this.reader.destroy();
    await this.writer.destroy();
    this.lock?.release();
  }
}
