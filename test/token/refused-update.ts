/** Sends one statement. */
type Query = (sql: string) => Promise<unknown>;

/** From now on the database fails to change the column of that row. @param query on a database of that kind */
export async function refuseUpdate(
  query: Query,
  dialect: 'sqlite' | 'mysql',
  { column, id, table = 'token' }: { column: string; id: string; table?: string },
): Promise<void> {
  const message = `'refused by a trigger'`;
  await query(
    dialect === 'sqlite'
      ? `CREATE TRIGGER refused BEFORE UPDATE OF ${column} ON ${table} WHEN OLD.id = '${id}'
         BEGIN SELECT RAISE(ABORT, ${message}); END`
      : `CREATE TRIGGER refused BEFORE UPDATE ON ${table} FOR EACH ROW
         IF OLD.id = '${id}' AND NOT (NEW.${column} <=> OLD.${column})
         THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = ${message}; END IF`,
  );
}
