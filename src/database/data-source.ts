import type BetterSqlite3 from 'better-sqlite3';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { LONG_TEXT } from './columns.js';
import { ENTITIES } from './entities.js';
import { MIGRATIONS } from './migrations.js';
import { MysqlHosts } from './mysql-hosts.js';
import type { DatabaseTarget, MysqlTarget, SqliteTarget } from './target.js';

/**
 * How long a statement waits for another process's lock on the SQLite file (backup tools, the sqlite3 shell). It stops the
 * whole process meanwhile, so a unit of work waits by itself.
 */
const SQLITE_BUSY_TIMEOUT_MS = 5_000;

/** Names of the migrations that have run. */
export const MIGRATIONS_TABLE = 'schema_migration';

const MYSQL_POOL_SIZE = 10;

/** From the first packet of a connection to the end of the login. */
const MYSQL_LOGIN_LIMIT_MS = { oneHost: 10_000, severalHosts: 5_000 };

interface Access {
  /** A second SQLite connection that cannot write. */
  readOnly?: boolean;
  /** What is known already of the hosts of a MySQL target. */
  hosts?: MysqlHosts;
}

/** The one place where a TypeORM DataSource is made, for the hub, its tests and the TypeORM command line. */
export function createDataSource(target: DatabaseTarget, access: Access = {}): DataSource {
  const dataSource = new DataSource(
    target.kind === 'sqlite' ? sqliteOptions(target, access) : mysqlOptions(target, access),
  );
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

function mysqlOptions(target: MysqlTarget, { hosts = new MysqlHosts(target.hosts) }: Access): DataSourceOptions {
  return {
    ...COMMON,
    type: 'mysql',
    username: target.user,
    ...(target.password ? { password: target.password.reveal() } : {}),
    database: target.database,
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    supportBigNumbers: true,
    bigNumberStrings: true,
    connectTimeout: hosts.count > 1 ? MYSQL_LOGIN_LIMIT_MS.severalHosts : MYSQL_LOGIN_LIMIT_MS.oneHost,
    poolSize: MYSQL_POOL_SIZE,
    // Without a stack for each query, which costs as much as writing it.
    extra: { stream: () => hosts.connect(), trace: false },
  };
}

/** SQLite takes any type name; TypeORM's list of them is only a spelling check. */
function allowType(dataSource: DataSource, type: string): void {
  (dataSource.driver.supportedDataTypes as string[]).push(type);
}
