import type { Database } from '../../src/database/database.js';

/** The most parameters of a statement by which `work` changes or deletes rows; Infinity for one that names no ids. */
export async function longestWrite(database: Database, work: () => Promise<unknown>): Promise<number> {
  const sent: number[] = [];
  const { logger } = database.writer;
  database.writer.logger = Object.assign(Object.create(logger) as typeof logger, {
    logQuery: (sql: string, parameters: unknown[] = []) => {
      const isBatch = /\bid\W{1,3}(IN\b|= \?)/.test(sql);
      if (/^(UPDATE|DELETE)/.test(sql)) sent.push(isBatch ? parameters.length : Infinity);
    },
  });
  await work();
  database.writer.logger = logger;
  return Math.max(...sent);
}
