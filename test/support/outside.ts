import BetterSqlite3 from 'better-sqlite3';
import { createConnection, type RowDataPacket } from 'mysql2/promise';

/** Runs one statement on the database of a running hub, from outside of the hub; the rows it gives, if any. */
export async function runOutside(databaseUrl: string, sql: string): Promise<Record<string, unknown>[]> {
  if (databaseUrl.startsWith('sqlite:')) return runSqlite(databaseUrl.slice('sqlite:'.length), sql);
  const connection = await createConnection({ uri: databaseUrl });
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql);
    return Array.isArray(rows) ? rows : [];
  } finally {
    await connection.end();
  }
}

function runSqlite(path: string, sql: string): Record<string, unknown>[] {
  const connection = new BetterSqlite3(path, { timeout: 5_000 });
  try {
    const statement = connection.prepare<[], Record<string, unknown>>(sql);
    if (statement.reader) return statement.all();
    statement.run();
    return [];
  } finally {
    connection.close();
  }
}
