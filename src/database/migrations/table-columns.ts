import type { TableColumnOptions, TableForeignKeyOptions } from 'typeorm';

/*
 * On MySQL each statement commits by itself: a migration that was killed half way runs again from its start, so create
 * and drop with `ifNotExists` and `ifExists`.
 *
 * Column shorthands of the migrations. Landed migrations depend on them: add new ones, never change these.
 */

type Nullable = Pick<TableColumnOptions, 'isNullable'>;

export const nullable: Nullable = { isNullable: true };

export function id(primaryKeyConstraintName: string): TableColumnOptions {
  return { name: 'id', type: 'varchar', length: '40', isPrimary: true, primaryKeyConstraintName };
}

export function hashId(primaryKeyConstraintName: string): TableColumnOptions {
  return { name: 'id', type: 'varchar', length: '64', isPrimary: true, primaryKeyConstraintName };
}

export function ref(name: string, options: Nullable = {}): TableColumnOptions {
  return { name, type: 'varchar', length: '40', ...options };
}

export function varchar(name: string, length: number, options: Nullable = {}): TableColumnOptions {
  return { name, type: 'varchar', length: String(length), ...options };
}

/** TypeORM's simple-json and simple-array. */
export function text(name: string, options: Nullable = {}): TableColumnOptions {
  return { name, type: 'text', ...options };
}

export function longText(name: string, options: Nullable = {}): TableColumnOptions {
  return { name, type: 'mediumtext', ...options };
}

export function instant(name: string, options: Nullable = {}): TableColumnOptions {
  return { name, type: 'datetime', precision: 3, ...options };
}

/** On MySQL a boolean is a tinyint(1), on SQLite a boolean. */
export function boolean(name: string): TableColumnOptions {
  return { name, type: 'boolean' };
}

export function int(name: string, options: Nullable = {}): TableColumnOptions {
  return { name, type: 'integer', ...options };
}

export function bigint(name: string): TableColumnOptions {
  return { name, type: 'bigint' };
}

export function foreignKey(
  name: string,
  column: string,
  table: string,
  onDelete = 'NO ACTION',
): TableForeignKeyOptions {
  return {
    name,
    columnNames: [column],
    referencedTableName: table,
    referencedColumnNames: ['id'],
    onDelete,
    onUpdate: 'NO ACTION',
  };
}
