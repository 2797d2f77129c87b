import BetterSqlite3 from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';

/** From now on a hub on this database cannot store an answer. @returns lets it */
export async function holdAnswersBack(databaseUrl: string): Promise<() => Promise<void>> {
  if (databaseUrl.startsWith('sqlite:')) {
    const connection = new BetterSqlite3(databaseUrl.slice('sqlite:'.length));
    connection.exec('BEGIN IMMEDIATE');
    return async () => void connection.close();
  }
  const connection = await createConnection({ uri: databaseUrl });
  await connection.beginTransaction();
  await connection.query('SELECT id FROM exchange_attempt FOR UPDATE');
  return () => connection.end();
}
