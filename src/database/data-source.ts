import type BetterSqlite3 from 'better-sqlite3';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { LONG_TEXT } from './columns.js';
import { ENTITIES } from './entities.js';
import { MIGRATIONS } from './migrations.js';
import type { DatabaseTarget, MysqlTarget, SqliteTarget } from './target.js';

/** How long a statement waits for another process's lock on the SQLite file (backup tools, the sqlite3 shell). */
const SQLITE_BUSY_TIMEOUT_MS = 5_000;

/** Names of the migrations that have run. */
export const MIGRATIONS_TABLE = 'schema_migration';

const MYSQL_POOL_SIZE = 10;

interface Access {
  /** A second SQLite connection that cannot write. */
  readOnly?: boolean;
}

/** The one place where a TypeORM DataSource is made, for the hub, its tests and the TypeORM command line. */
export function createDataSource(target: DatabaseTarget, access: Access = {}): DataSource {
  const dataSource = new DataSource(target.kind === 'sqlite' ? sqliteOptions(target, access) : mysqlOptions(target));
  if (target.kind === 'sqlite') allowType(dataSource, LONG_TEXT);
  return dataSource;
}

const COMMON = {
  entities: [...ENTITIES],
  migrations: [...MIGRATIONS],
  migrationsTableName: MIGRATIONS_TABLE,
  synchronize: false,
  logging: false,
} satisfies Partial<DataSourceOptions>;

function sqliteOptions(target: SqliteTarget, access: Access): DataSourceOptions {
  return {
    ...COMMON,
    type: 'better-sqlite3',
    database: target.path,
    timeout: SQLITE_BUSY_TIMEOUT_MS,
    prepareDatabase: (connection: BetterSqlite3.Database) => {
      connection.pragma('journal_mode = WAL');
      connection.pragma('synchronous = FULL');
      connection.pragma('foreign_keys = ON');
      if (access.readOnly) connection.pragma('query_only = ON');
    },
  };
}

function mysqlOptions(target: MysqlTarget): DataSourceOptions {
  const [host] = target.hosts;
  if (!host) throw new TypeError('A MySQL target names at least one host');
  return {
    ...COMMON,
    type: 'mysql',
    host: host.host,
    port: host.port,
    username: target.user,
    ...(target.password ? { password: target.password.reveal() } : {}),
    database: target.database,
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    supportBigNumbers: true,
    bigNumberStrings: true,
    connectTimeout: 10_000,
    poolSize: MYSQL_POOL_SIZE,
  };
}

/** SQLite takes any type name; TypeORM's list of them is only a spelling check. */
function allowType(dataSource: DataSource, type: string): void {
  (dataSource.driver.supportedDataTypes as string[]).push(type);
}
