import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import { marks } from './update-each.js';

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
  const values = rows.flatMap((row) =>
    written.map((column): unknown => driver.preparePersistentValue(row[column.propertyName] ?? null, column)),
  );
  const each = Array(rows.length)
    .fill(`(${marks(written)})`)
    .join(', ');
  await manager.query(`INSERT INTO ${driver.escape(tablePath)} (${names}) VALUES ${each}`, values);
}
