import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from '@jest/globals';
import { createConnection } from 'mysql2/promise';

/** Brand-new empty databases of one kind, removed after the block that asked for them. */
export interface TestDatabase {
  readonly dialect: 'sqlite' | 'mysql';
  /** A DATABASE_URL of a database that nobody has used yet. */
  freshUrl(): Promise<string>;
}

/** Runs `block` as a describe block on SQLite and, where the run has a MariaDB, once more on MariaDB. */
export function describeEachDatabase(name: string, block: (database: TestDatabase) => void): void {
  const mysqlUrl = process.env['HUB_TEST_MYSQL_URL'];
  const databases = [new SqliteDatabases(), ...(mysqlUrl ? [new MySqlDatabases(mysqlUrl)] : [])];
  for (const database of databases) {
    describe(`${name} on ${database.label}`, () => {
      block(database);
      // Registered last, so that the block has closed its connections.
      afterAll(() => database.remove());
    });
  }
}

class SqliteDatabases implements TestDatabase {
  readonly dialect = 'sqlite';
  readonly label = 'sqlite';
  private readonly folders: string[] = [];

  async freshUrl(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'hub-sqlite-'));
    this.folders.push(folder);
    return `sqlite:${join(folder, 'hub.sqlite')}`;
  }

  async remove(): Promise<void> {
    for (const folder of this.folders.splice(0)) await rm(folder, { recursive: true, force: true });
  }
}

class MySqlDatabases implements TestDatabase {
  readonly dialect = 'mysql';
  readonly label = 'mariadb';
  private readonly names: string[] = [];

  constructor(private readonly serverUrl: string) {}

  async freshUrl(): Promise<string> {
    const name = `hub_test_${randomBytes(8).toString('hex')}`;
    await this.run(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
    this.names.push(name);
    const url = new URL(this.serverUrl);
    url.pathname = `/${name}`;
    return url.href;
  }

  async remove(): Promise<void> {
    if (this.names.length === 0) return;
    // A test that left a transaction open shall fail here instead of hanging.
    await this.run(
      'SET lock_wait_timeout = 10',
      ...this.names.splice(0).map((name) => `DROP DATABASE IF EXISTS ${name}`),
    );
  }

  private async run(...statements: string[]): Promise<void> {
    const connection = await createConnection({ uri: this.serverUrl });
    try {
      for (const statement of statements) await connection.query(statement);
    } finally {
      await connection.end();
    }
  }
}
