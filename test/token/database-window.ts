import BetterSqlite3 from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';

export type StoredRow = Record<string, string | number | null>;

/** Looks into a hub's database from outside, and sets its rows back in time. */
export class DatabaseWindow {
  constructor(readonly databaseUrl: string) {}

  async query(sql: string, parameters: (string | number)[] = []): Promise<StoredRow[]> {
    if (this.databaseUrl.startsWith('sqlite:')) return this.querySqlite(sql, parameters);
    const connection = await createConnection({ uri: this.databaseUrl, dateStrings: true });
    try {
      const [rows] = await connection.query(sql, parameters);
      return Array.isArray(rows) ? (rows as StoredRow[]) : [];
    } finally {
      await connection.end();
    }
  }

  async token(id: string): Promise<StoredRow> {
    const [row] = await this.query('SELECT * FROM token WHERE id = ?', [id]);
    if (!row) throw new Error(`There is no token ${id}`);
    return row;
  }

  attempts(tokenId: string): Promise<StoredRow[]> {
    return this.query('SELECT * FROM exchange_attempt WHERE tokenId = ? ORDER BY id', [tokenId]);
  }

  async auditCount(action: string, subjectId: string): Promise<number> {
    const [row] = await this.query('SELECT COUNT(*) AS count FROM audit_event WHERE action = ? AND subjectId = ?', [
      action,
      subjectId,
    ]);
    return Number(row?.['count']);
  }

  async pendingRevocations(tokenId: string): Promise<number> {
    const [row] = await this.query('SELECT COUNT(*) AS count FROM revocation WHERE tokenId = ?', [tokenId]);
    return Number(row?.['count']);
  }

  async makeRevocationsDue(tokenId: string): Promise<void> {
    await this.query('UPDATE revocation SET dueAt = ? WHERE tokenId = ?', [textOf(-1000), tokenId]);
  }

  async wasRevoked(tokenId: string, agoMs: number): Promise<void> {
    await this.query('UPDATE token SET revokedAt = ? WHERE id = ?', [textOf(-agoMs), tokenId]);
  }

  async attemptStarted(attemptId: string, agoMs: number): Promise<void> {
    await this.query('UPDATE exchange_attempt SET startedAt = ? WHERE id = ?', [textOf(-agoMs), attemptId]);
  }

  /** No replica has told anything of itself since then, and those that do begin now. */
  async wereHeardOf(agoMs: number): Promise<void> {
    const parameters = [textOf(0), textOf(-agoMs), textOf(-agoMs)];
    await this.query('UPDATE exchange_owner SET since = ?, seenAt = ?, settledBefore = ?', parameters);
  }

  /** The replicas that tell of themselves have done so for that long. */
  async areHeardSince(agoMs: number): Promise<void> {
    await this.query('UPDATE exchange_owner SET since = ?', [textOf(-agoMs)]);
  }

  /** Nothing that a test has left behind is renewed in the background of the next one. */
  async calm(): Promise<void> {
    await this.query('UPDATE token SET nextRefreshAt = ?', ['9999-12-31 00:00:00.000']);
  }

  /** For the background. */
  async makeDue(tokenId: string): Promise<void> {
    await this.query('UPDATE token SET nextRefreshAt = ? WHERE id = ?', [textOf(-1000), tokenId]);
  }

  async wasObtained(tokenId: string, agoMs: number): Promise<void> {
    await this.query('UPDATE token SET authorizedAt = ? WHERE id = ?', [textOf(-agoMs), tokenId]);
  }

  /** From now on the refresh token has ended that long ago. */
  async endRefreshToken(tokenId: string, ms: number): Promise<void> {
    await this.query('UPDATE token SET refreshTokenExpiresAt = ? WHERE id = ?', [textOf(-ms), tokenId]);
  }

  /** From now on the access token has this long to live; negative: it expired that long ago. */
  async setLifetimeLeft(tokenId: string, ms: number): Promise<void> {
    const at = textOf(ms);
    await this.query('UPDATE token SET expiresAt = ?, sortExpiresAt = ? WHERE id = ?', [at, at, tokenId]);
  }

  private querySqlite(sql: string, parameters: (string | number)[]): StoredRow[] {
    const connection = new BetterSqlite3(this.databaseUrl.slice('sqlite:'.length), { timeout: 5000 });
    try {
      const statement = connection.prepare<(string | number)[], StoredRow>(sql);
      if (statement.reader) return statement.all(...parameters);
      statement.run(...parameters);
      return [];
    } finally {
      connection.close();
    }
  }
}

/** The instant that many milliseconds from now, as both databases store it. */
function textOf(ms: number): string {
  return new Date(Date.now() + ms).toISOString().replace('T', ' ').replace('Z', '');
}
