import BetterSqlite3 from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';

/** Makes the database of a running hub refuse rows of the audit trail, or take them again, from outside of the hub. */
export async function breakAudit(databaseUrl: string, broken: boolean): Promise<void> {
  if (databaseUrl.startsWith('sqlite:')) breakSqlite(databaseUrl.slice('sqlite:'.length), broken);
  else await breakMysql(databaseUrl, broken);
}

function breakSqlite(path: string, broken: boolean): void {
  const connection = new BetterSqlite3(path, { timeout: 5_000 });
  connection.exec(
    broken
      ? "CREATE TRIGGER refuse_audit BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'no audit today'); END"
      : 'DROP TRIGGER IF EXISTS refuse_audit',
  );
  connection.close();
}

async function breakMysql(url: string, broken: boolean): Promise<void> {
  const connection = await createConnection({ uri: url });
  await connection.query(
    broken
      ? "CREATE TRIGGER refuse_audit BEFORE INSERT ON audit_event FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no audit today'"
      : 'DROP TRIGGER IF EXISTS refuse_audit',
  );
  await connection.end();
}
