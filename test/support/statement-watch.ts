import type { DataSource, Logger } from 'typeorm';
import { isInBackground } from '../../src/background/engine.js';
import { Database } from '../../src/database/database.js';

/**
 * Sees every SQL statement of the databases that are opened between `begin` and `end`, except those that the hub issues
 * by itself in the background.
 */
export class StatementWatch {
  private statements: string[] = [];
  private readonly open = Database.open;

  private constructor() {
    const open = Database.open.bind(Database);
    Database.open = async (target) => {
      const database = await open(target);
      for (const dataSource of new Set([database.writer, database.manager.dataSource])) this.watch(dataSource);
      return database;
    };
  }

  static begin(): StatementWatch {
    return new StatementWatch();
  }

  end(): void {
    Database.open = this.open;
  }

  /** What `work` causes; without lengths of lists and limits, so that the same query about more records is equal text. */
  async during(work: () => Promise<unknown>): Promise<string[]> {
    this.statements = [];
    await work();
    return this.statements.map((sql) => sql.replace(/\?(?:\s*,\s*\?)+/g, '?, …').replace(/LIMIT \d+/g, 'LIMIT …'));
  }

  private watch(dataSource: DataSource): void {
    const nothing = () => undefined;
    const logger: Logger = {
      logQuery: (sql: string) => void (isInBackground() || this.statements.push(sql)),
      logQueryError: nothing,
      logQuerySlow: nothing,
      logSchemaBuild: nothing,
      logMigration: nothing,
      log: nothing,
    };
    dataSource.logger = logger;
  }
}
