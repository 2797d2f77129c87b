import type { DataSource } from 'typeorm';

/** What every pooled connection is set to before its first statement. */
const SESSION_SETTINGS = [
  'SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  "SESSION time_zone = '+00:00'",
  "SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE'",
];

interface RawConnection {
  query(sql: string, done: (error: Error | null) => void): void;
  destroy(): void;
}

interface RawPool {
  on(event: 'connection', listener: (connection: RawConnection) => void): void;
  _allConnections: { toArray(): RawConnection[] };
}

/** Sets isolation, time zone and strictness on each connection the pool opens from now on, and on those it has. */
export async function prepareMysqlSessions(dataSource: DataSource): Promise<void> {
  const { pool } = dataSource.driver as unknown as { pool: RawPool };
  pool.on('connection', (connection) => {
    for (const setting of SESSION_SETTINGS) {
      connection.query(`SET ${setting}`, (error) => {
        if (error) connection.destroy();
      });
    }
  });
  for (const connection of pool._allConnections.toArray()) connection.destroy();
  await dataSource.query('SELECT 1');
}
