import type { Database } from '../../src/database/database.js';

/** The index in which each statement of this work looks up its rows, as the database explains it; none where it walks through all. */
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
      database.manager.query<{ key?: string; type?: string; detail?: string }[]>(
        `EXPLAIN ${isMysql ? '' : 'QUERY PLAN '}${sql}`,
        parameters,
      ),
    ),
  );
  return plans.map(([first]) => {
    if (!isMysql) return first?.detail?.match(/^SEARCH .*INDEX (\w+)/)?.[1];
    return first?.type === 'index' ? undefined : first?.key?.split('|')[0];
  });
}
