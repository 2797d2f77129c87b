import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DataSource, EntityManager } from 'typeorm';
import { StartupError } from '../errors.js';
import { createDataSource } from './data-source.js';
import { findCluster, nameOf } from './mysql-cluster.js';
import { surviveLostConnections } from './mysql-failover.js';
import { MysqlHosts } from './mysql-hosts.js';
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
   * @param warn hears of hosts of a cluster that do not serve now
   * @throws StartupError when another process holds the SQLite file, or hosts belong to different clusters
   */
  static async open(
    target: DatabaseTarget,
    warn: (message: string) => void = (message) => process.emitWarning(message),
  ): Promise<Database> {
    return target.kind === 'sqlite' ? Database.openSqlite(target) : Database.openMysql(target, warn);
  }

  private static async openSqlite(target: DatabaseTarget & { kind: 'sqlite' }): Promise<Database> {
    const lock = lockFile(target.path);
    try {
      const writer = await createDataSource(target).initialize();
      const reader = await createDataSource(target, { readOnly: true }).initialize();
      return new Database('sqlite', writer, reader, lock);
    } catch (error) {
      lock.release();
      throw unusable(target.path, error);
    }
  }

  private static async openMysql(
    target: DatabaseTarget & { kind: 'mysql' },
    warn: (message: string) => void,
  ): Promise<Database> {
    const hosts = new MysqlHosts(target.hosts);
    const dataSource = createDataSource(target, { hosts });
    try {
      surviveLostConnections(dataSource, hosts, await findCluster(target, hosts, warn));
      await dataSource.initialize();
      await dataSource.query('SELECT 1');
    } catch (error) {
      if (dataSource.isInitialized) await dataSource.destroy();
      throw error instanceof StartupError ? error : unreachable(target.hosts.map(nameOf).join(', '), error);
    }
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

function unreachable(address: string, error: unknown): StartupError {
  const code = (error as { code?: unknown }).code;
  const reason = typeof code === 'string' ? code : 'no reason given';
  const advice = 'check DATABASE_URL, the user and its rights on the database, and that the server runs';
  return new StartupError(`The database at ${address} cannot be used (${reason}): ${advice}.`, 69, { cause: error });
}

function lockFile(path: string): ProcessLock {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return ProcessLock.acquire(path);
  } catch (error) {
    throw error instanceof StartupError ? error : unusable(path, error);
  }
}

function unusable(path: string, error: unknown): StartupError {
  const code = (error as { code?: unknown }).code;
  const reason = typeof code === 'string' ? code : 'no reason given';
  const advice = 'point DATABASE_URL to a file that the user of the hub may write, in a folder that it may write';
  return new StartupError(`The database file ${path} cannot be used (${reason}): ${advice}.`, 69, { cause: error });
}
