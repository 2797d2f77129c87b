import { Column, PrimaryColumn } from 'typeorm';

/** Prefix and 26 characters of a ULID, with room to grow. */
export const ID_LENGTH = 40;

/** `mediumtext` ends at 16 MB on MySQL, where `text` ends at 64 KB; SQLite gives it text affinity. */
export const LONG_TEXT = 'mediumtext';

interface Options {
  nullable?: boolean;
}

/** Primary key: a type prefix and a ULID (src/ids.ts). */
export function IdColumn(): PropertyDecorator {
  return PrimaryColumn({ type: 'varchar', length: ID_LENGTH });
}

/** Primary key of rows that are found by a SHA-256 in hex. */
export function HashIdColumn(): PropertyDecorator {
  return PrimaryColumn({ type: 'varchar', length: 64 });
}

/** The id of a row in another table. */
export function RefColumn(options: Options = {}): PropertyDecorator {
  return Column({ type: 'varchar', length: ID_LENGTH, ...options });
}

/** Text of at most `length` characters, compared exactly. */
export function TextColumn(length: number, options: Options = {}): PropertyDecorator {
  return Column({ type: 'varchar', length, ...options });
}

/** A URL: kept off the row, because MySQL counts every varchar against 64 KB. */
export function UrlColumn(): PropertyDecorator {
  return Column({ type: 'text', nullable: true });
}

/** Text without a practical limit: sealed values, raw answers. */
export function LongTextColumn(options: Options = {}): PropertyDecorator {
  return Column({ type: LONG_TEXT as 'text', ...options });
}

/** A UTC instant with milliseconds, set by the application. */
export function InstantColumn(options: Options = {}): PropertyDecorator {
  return Column({ type: 'datetime', precision: 3, ...options });
}

/** A small list or object that no query filters on. */
export function JsonColumn(options: Options = {}): PropertyDecorator {
  return Column({ type: 'simple-json', ...options });
}

/** @param options a default is for columns that came to tables with rows */
export function BooleanColumn(options: { default?: boolean } = {}): PropertyDecorator {
  return Column({ type: 'boolean', ...options });
}

export function IntegerColumn(options: Options = {}): PropertyDecorator {
  return Column({ type: 'integer', ...options });
}

/** Epoch milliseconds of database time, for leases: MySQL hands a bigint out as a string. */
export function EpochMsColumn(): PropertyDecorator {
  return Column({
    type: 'bigint',
    transformer: { from: (stored: string | number) => Number(stored), to: (value: number) => value },
  });
}
