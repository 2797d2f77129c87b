import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import { LONG_TEXT } from './columns.js';
import { marks } from './update-each.js';

/** Types of columns whose values go to the driver as they are. */
const STORED_AS_IS: ReadonlySet<unknown> = new Set(['varchar', 'text', LONG_TEXT, 'integer']);

/**
 * Inserts many rows in one statement. Not by TypeORM's insert, whose cost for each row is many times that of the
 * statement: rows that are written with every request of a client and every renewal come this way.
 *
 * Columns that are undefined in the first row keep their default in all.
 */
export async function insertAll<Row extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  rows: readonly Row[],
): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const { driver } = manager.connection;
  const { columns, tablePath } = manager.connection.getMetadata(entity);
  const written = columns.filter(({ propertyName }) => first[propertyName] !== undefined);
  const names = written.map(({ databaseName }) => driver.escape(databaseName)).join(', ');
  const values: unknown[] = [];
  for (const row of rows)
    for (const column of written) {
      const value: unknown = row[column.propertyName] ?? null;
      const isAsItIs = !column.transformer && (value === null || STORED_AS_IS.has(column.type));
      values.push(isAsItIs ? value : driver.preparePersistentValue(value, column));
    }
  const each = Array(rows.length)
    .fill(`(${marks(written)})`)
    .join(', ');
  await manager.query(`INSERT INTO ${driver.escape(tablePath)} (${names}) VALUES ${each}`, values);
}
