import type { EntityManager, EntityTarget } from 'typeorm';

/** What to change in one row. */
export interface RowChanges<Row> {
  id: string;
  changes: Partial<Row>;
}

/**
 * Changes many rows by their ids in one statement, each in its own way; columns that are undefined stay.
 *
 * @param only changes none but the rows with one of these values in this column
 */
export async function updateEach<Row extends { id: string }>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  rows: readonly RowChanges<Row>[],
  only: { column: string; values: readonly string[] } | null = null,
): Promise<void> {
  const { driver } = manager.connection;
  const { columns, tablePath } = manager.connection.getMetadata(entity);
  const parameters: unknown[] = [];
  const assignments: string[] = [];
  for (const column of columns) {
    const changed = rows
      .map(({ changes, id }) => ({ id, value: changes[column.propertyName as keyof Row] }))
      .filter(({ value }) => value !== undefined)
      .map(({ id, value }) => ({ id, value: driver.preparePersistentValue(value, column) as unknown }));
    if (changed.length === 0) continue;
    const name = driver.escape(column.databaseName);
    const [first] = changed;
    if (changed.length === rows.length && changed.every(({ value }) => value === first?.value)) {
      assignments.push(`${name} = ?`);
      parameters.push(first?.value);
    } else {
      assignments.push(`${name} = CASE id ${'WHEN ? THEN ? '.repeat(changed.length)}ELSE ${name} END`);
      for (const { id, value } of changed) parameters.push(id, value);
    }
  }
  if (assignments.length === 0) return;
  const ids = rows.map(({ id }) => id);
  const condition = only ? ` AND ${driver.escape(only.column)} IN (${marks(only.values)})` : '';
  const where = `id IN (${marks(ids)})${condition}`;
  const sql = `UPDATE ${driver.escape(tablePath)} SET ${assignments.join(', ')} WHERE ${where}`;
  await manager.query(sql, [...parameters, ...ids, ...(only?.values ?? [])]);
}

/** A question mark for each value. */
export function marks(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
