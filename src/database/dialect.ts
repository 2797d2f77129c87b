import type BetterSqlite3 from 'better-sqlite3';
import { type DataSource, QueryFailedError } from 'typeorm';
import type { Dialect } from './target.js';

/** SQL for the database's own clock in epoch milliseconds. */
export function nowMsSql(dialect: Dialect): string {
  return dialect === 'sqlite'
    ? "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
    : 'CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)';
}

/** SQL after the name of a table that is read by this index and by no other one. */
export function byIndex(dialect: Dialect, index: string): string {
  return dialect === 'sqlite' ? `INDEXED BY ${index}` : `FORCE INDEX (${index})`;
}

/** Part of a `find` whose rows nobody else changes before the commit: on SQLite there is one writer. */
export function forUpdate(dialect: Dialect): { lock?: { mode: 'pessimistic_write' } } {
  return dialect === 'sqlite' ? {} : { lock: { mode: 'pessimistic_write' } };
}

/** The same at the end of a statement. */
export function forUpdateSql(dialect: Dialect): string {
  return dialect === 'sqlite' ? '' : 'FOR UPDATE';
}

/** Whether a transaction is open on the one connection of a SQLite DataSource: some errors end it by themselves. */
export function isInTransaction(dataSource: DataSource): boolean {
  return connectionOf(dataSource).inTransaction;
}

/** From now on a SQLite statement that meets another process's lock fails, instead of stopping this whole process. */
export function waitForNoLock(dataSource: DataSource): void {
  connectionOf(dataSource).pragma('busy_timeout = 0');
}

function connectionOf(dataSource: DataSource): BetterSqlite3.Database {
  return (dataSource.driver as unknown as { databaseConnection: BetterSqlite3.Database }).databaseConnection;
}

/** Another process has the SQLite file locked: a backup tool, the sqlite3 shell. */
export function isFileLocked(error: unknown): boolean {
  return driverError(error)?.code?.startsWith('SQLITE_BUSY') ?? false;
}

/** Somebody else holds the SQLite file, or rows or a table of MySQL for longer than a session of the hub waits (1205). */
export function isLocked(error: unknown): boolean {
  return driverError(error)?.errno === 1205 || isFileLocked(error);
}

/** Deadlock or certification failure: the same work may succeed when run again. */
export function isTransientConflict(error: unknown): boolean {
  const cause = driverError(error);
  return cause?.errno === 1213 || cause?.sqlState === '40001';
}

/** A unique index refused the row. */
export function isUniqueViolation(error: unknown): boolean {
  const cause = driverError(error);
  return (
    cause?.errno === 1062 ||
    cause?.code === 'SQLITE_CONSTRAINT_UNIQUE' ||
    cause?.code === 'SQLITE_CONSTRAINT_PRIMARYKEY'
  );
}

/** A foreign key refused the change: a row it needs is gone, or a row that needs it has come. */
export function isForeignKeyViolation(error: unknown): boolean {
  const cause = driverError(error);
  return cause?.errno === 1451 || cause?.errno === 1452 || cause?.code === 'SQLITE_CONSTRAINT_FOREIGNKEY';
}

interface DriverError {
  errno?: number;
  code?: string;
  sqlState?: string;
  message?: string;
}

/** What the database or its driver said, without TypeORM's wrapping. */
export function driverError(error: unknown): DriverError | undefined {
  if (error instanceof QueryFailedError) return error.driverError as DriverError;
  return typeof error === 'object' && error !== null ? error : undefined;
}
