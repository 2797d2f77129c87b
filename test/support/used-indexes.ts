import type { Database } from '../../src/database/database.js';

/** Names of the indexes that the statements of this work use, as the database explains them. */
export async function usedIndexes(database: Database, work: () => Promise<unknown>): Promise<(string | undefined)[]> {
  const { dataSource } = database.manager;
  const { logger } = dataSource;
  const sent: { sql: string; parameters: unknown[] }[] = [];
  dataSource.logger = Object.assign(Object.create(logger) as typeof logger, {
    logQuery: (sql: string, parameters: unknown[] = []) => void sent.push({ sql, parameters }),
  });
  await work();
  dataSource.logger = logger;
  const isMysql = database.dialect === 'mysql';
  const plans = await Promise.all(
    sent.map(({ parameters, sql }) =>
      database.manager.query<{ key?: string; detail?: string }[]>(
        `EXPLAIN ${isMysql ? '' : 'QUERY PLAN '}${sql}`,
        parameters,
      ),
    ),
  );
  return plans.map(([first]) => (isMysql ? first?.key : first?.detail?.match(/INDEX (\w+)/)?.[1]));
}
