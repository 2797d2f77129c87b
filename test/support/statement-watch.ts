import { AsyncLocalStorage } from 'node:async_hooks';
import type { DataSource, Logger } from 'typeorm';
import { Engine } from '../../src/background/engine.js';
import { Database } from '../../src/database/database.js';

/**
 * Sees every SQL statement of the databases that are opened between `begin` and `end`, except those that the engines
 * started then issue by themselves in the background.
 */
export class StatementWatch {
  private statements: string[] = [];
  private readonly open = Database.open;
  private readonly start = Engine.prototype.start;
  private readonly background = new AsyncLocalStorage<true>();

  private constructor() {
    const { background, start } = this;
    Engine.prototype.start = function (this: Engine): void {
      background.run(true, () => start.call(this));
    };
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
    Engine.prototype.start = this.start;
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
      logQuery: (sql: string) => void (this.background.getStore() || this.statements.push(sql)),
      logQueryError: nothing,
      logQuerySlow: nothing,
      logSchemaBuild: nothing,
      logMigration: nothing,
      log: nothing,
    };
    dataSource.logger = logger;
  }
}
