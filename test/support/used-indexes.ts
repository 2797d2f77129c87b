import type { Database } from '../../src/database/database.js';
import { type Transaction, UnitOfWork } from '../../src/database/unit-of-work.js';

/** A line of a plan: MySQL names the table and the index, SQLite tells in words. */
interface PlanLine {
  table?: string;
  key?: string;
  type?: string;
  detail?: string;
}

/** The index in which each statement of this work looks up its rows, as the database explains it; none where it walks through all. */
export async function usedIndexes(database: Database, work: () => Promise<unknown>): Promise<(string | undefined)[]> {
  const plans = await plansOf(database, work);
  return plans.map(([first]) => first && indexOf(first));
}

/** Likewise all those by which a statement looks up rows of the table under these names. */
export async function usedIndexesOf(
  database: Database,
  tables: readonly string[],
  work: () => Promise<unknown>,
): Promise<(string | undefined)[][]> {
  const plans = await plansOf(database, work);
  const isOfTables = ({ detail, table }: PlanLine) => tables.includes(table ?? detail?.split(' ')[1] ?? '');
  return plans.map((plan) => [...new Set(plan.filter(isOfTables).map(indexOf))]);
}

/** How many rows and entries of indexes a server has read for the work, as it counts them itself. */
export async function rowsRead(database: Database, work: (tx: Transaction) => Promise<unknown>): Promise<number> {
  if (database.dialect !== 'mysql') throw new TypeError('SQLite does not count them');
  return new UnitOfWork(database).run(async (tx) => {
    const before = await handlerReads(tx);
    await work(tx);
    return (await handlerReads(tx)) - before;
  });
}

async function handlerReads(tx: Transaction): Promise<number> {
  const rows = await tx.manager.query<{ Value: string }[]>("SHOW SESSION STATUS LIKE 'Handler_read%'");
  return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
}

async function plansOf(database: Database, work: () => Promise<unknown>): Promise<PlanLine[][]> {
  const { dataSource } = database.manager;
  const { logger } = dataSource;
  const sent: { sql: string; parameters: unknown[] }[] = [];
  dataSource.logger = Object.assign(Object.create(logger) as typeof logger, {
    logQuery: (sql: string, parameters: unknown[] = []) => void sent.push({ sql, parameters }),
  });
  await work();
  dataSource.logger = logger;
  const explain = database.dialect === 'mysql' ? 'EXPLAIN' : 'EXPLAIN QUERY PLAN';
  return Promise.all(
    sent.map(({ parameters, sql }) => database.manager.query<PlanLine[]>(`${explain} ${sql}`, parameters)),
  );
}

function indexOf({ detail, key, type }: PlanLine): string | undefined {
  if (detail !== undefined) return detail.match(/^SEARCH .*INDEX (\w+)/)?.[1];
  return type === 'index' || type === 'ALL' ? undefined : key?.split('|')[0];
}
