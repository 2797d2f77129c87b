import type { DataSource } from 'typeorm';
import { databaseConfig } from '../../src/config.js';
import { createDataSource, MIGRATIONS_TABLE } from '../../src/database/data-source.js';

/** What comes and goes, or only grows, whatever a caller does. */
const PASSING = [
  'audit_event',
  'clock_mark',
  'exchange_owner',
  'session',
  'throttle_counter',
  'idempotency_record',
  MIGRATIONS_TABLE,
];

/** The rows of the database, read and written beside the hub, as somebody with its password could. */
export class TableRows {
  private readonly dataSource: DataSource;

  constructor(databaseUrl: string) {
    this.dataSource = createDataSource(databaseConfig({ DATABASE_URL: databaseUrl }));
  }

  /** Every row of the records, as text, by table and id. */
  async read(): Promise<Map<string, string>> {
    const rows = await this.readAll();
    return new Map([...rows].filter(([key]) => !PASSING.includes(key.split(' ')[0] ?? '')));
  }

  /** Every row of every table, as text, by table and id. */
  async readAll(): Promise<Map<string, string>> {
    await this.open();
    const rows = new Map<string, string>();
    for (const table of [...this.dataSource.entityMetadatas.map(({ tableName }) => tableName), MIGRATIONS_TABLE]) {
      for (const row of await this.dataSource.query<{ id: string }[]>(`SELECT * FROM ${this.escape(table)}`)) {
        rows.set(`${table} ${row.id}`, JSON.stringify(row));
      }
    }
    return rows;
  }

  /** What is in one column, without nulls. */
  async column(table: string, column: string): Promise<string[]> {
    await this.open();
    const [from, name] = [this.escape(table), this.escape(column)];
    const rows = await this.dataSource.query<{ value: string }[]>(
      `SELECT ${name} AS value FROM ${from} WHERE ${name} IS NOT NULL ORDER BY id`,
    );
    return rows.map(({ value }) => value);
  }

  async get(table: string, column: string, id: string): Promise<string> {
    await this.open();
    const [row] = await this.dataSource.query<{ value: string }[]>(
      `SELECT ${this.escape(column)} AS value FROM ${this.escape(table)} WHERE id = ?`,
      [id],
    );
    if (!row) throw new Error(`${table} has no ${id}`);
    return row.value;
  }

  async set(table: string, column: string, id: string, value: string): Promise<void> {
    await this.open();
    await this.dataSource.query(`UPDATE ${this.escape(table)} SET ${this.escape(column)} = ? WHERE id = ?`, [
      value,
      id,
    ]);
  }

  /** Takes a table away while `work` runs. */
  async without<T>(table: string, work: () => Promise<T>): Promise<T> {
    await this.open();
    const rename = (from: string, to: string) =>
      this.dataSource.query(`ALTER TABLE ${this.escape(from)} RENAME TO ${this.escape(to)}`);
    await rename(table, `${table}_away`);
    try {
      return await work();
    } finally {
      await rename(`${table}_away`, table);
    }
  }

  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async open(): Promise<void> {
    if (!this.dataSource.isInitialized) await this.dataSource.initialize();
  }

  private escape(name: string): string {
    return this.dataSource.driver.escape(name);
  }
}
