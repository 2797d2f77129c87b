import type { EntityManager, ObjectLiteral } from 'typeorm';
import { marks } from './update-each.js';

/**
 * Rows by the values of one column, as entities. Not by TypeORM's query builder, whose cost for each row is many times that of
 * the statement: rows that are read with every renewal come this way.
 *
 * @param rest SQL behind the condition, such as an order
 */
export async function readIn<Row extends ObjectLiteral>(
  manager: EntityManager,
  entity: new () => Row,
  column: keyof Row & string,
  values: readonly string[],
  rest = '',
): Promise<Row[]> {
  if (values.length === 0) return [];
  const { driver } = manager.connection;
  const { columns, tablePath } = manager.connection.getMetadata(entity);
  const names = columns.map(({ databaseName }) => driver.escape(databaseName)).join(', ');
  const sql = `SELECT ${names} FROM ${driver.escape(tablePath)} WHERE ${driver.escape(column)} IN (${marks(values)}) ${rest}`;
  const rows = await manager.query<Record<string, unknown>[]>(sql, [...values]);
  return rows.map((row) => {
    const read: ObjectLiteral = new entity();
    for (const each of columns)
      read[each.propertyName] = driver.prepareHydratedValue(row[each.databaseName], each) as unknown;
    return read as Row;
  });
}
