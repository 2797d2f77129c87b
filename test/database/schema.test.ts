import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { DataSource } from 'typeorm';
import { Migrator } from '../../src/database/migrator.js';
import { Database } from '../../src/database/database.js';
import { databaseConfig } from '../../src/config.js';
import { MIGRATIONS } from '../../src/database/migrations.js';
import { IndexDueTokens1764820000000 } from '../../src/database/migrations/1764820000000-index-due-tokens.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase, openDatabase } from '../support/open-database.js';

describeEachDatabase('the schema', (on) => {
  it('is the same by migrations as by entities', async () => {
    const database = await freshDatabase(on);

    const { options } = database.writer;
    // As 'mariadb' TypeORM knows that MariaDB spells a missing default 'NULL'.
    const reader = new DataSource(options.type === 'mysql' ? { ...options, type: 'mariadb' } : options);
    if (options.type === 'better-sqlite3') (reader.driver.supportedDataTypes as string[]).push('mediumtext');
    await reader.initialize();

    const drift = await reader.driver.createSchemaBuilder().log();

    await reader.destroy();
    expect(drift.upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('goes down to nothing and up again', async () => {
    const database = await freshDatabase(on);
    for (const _ of MIGRATIONS) await database.writer.undoLastMigration({ transaction: 'each' });

    const tables =
      database.dialect === 'sqlite'
        ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        : 'SHOW TABLES';
    const left = await database.manager.query<object[]>(tables);

    expect(left.flatMap((row) => Object.values(row)).sort()).toEqual(['migration_lease', 'schema_migration']);
    expect(await new Migrator(database).migrate()).toHaveLength(MIGRATIONS.length);
  });

  it('has an index for every foreign key', async () => {
    const database = await freshDatabase(on);
    const bare = database.writer.entityMetadatas.flatMap(({ tableName, foreignKeys, indices, primaryColumns }) =>
      foreignKeys
        .filter(
          ({ columns }) =>
            columns[0] !== primaryColumns[0] && !indices.some((index) => index.columns[0] === columns[0]),
        )
        .map(({ name }) => `${tableName}.${name}`),
    );

    expect(bare).toEqual([]);
  });
});

describeEachDatabase('Migrator', (on) => {
  it('finishes what a killed migration left half done', async () => {
    const database = await Database.open(databaseConfig({ DATABASE_URL: await on.freshUrl() }));
    const runner = database.writer.createQueryRunner();
    // As after a kill before the last statement: everything is there, and nothing is recorded as done.
    for (const Migration of MIGRATIONS) await new Migration().up(runner);
    await runner.dropTable('audit_event');
    await runner.release();

    const ran = await new Migrator(database).migrate();

    expect(ran).toHaveLength(MIGRATIONS.length);
    await expect(database.manager.query('SELECT COUNT(*) FROM audit_event')).resolves.toHaveLength(1);
    await database.close();
  });

  if (on.dialect === 'sqlite') return;

  it('lets one of several starting replicas migrate and the others wait for it', async () => {
    const url = await on.freshUrl();
    const replicas = await Promise.all([1, 2, 3].map(() => Database.open(databaseConfig({ DATABASE_URL: url }))));

    const ran = await Promise.all(replicas.map((replica) => new Migrator(replica).migrate()));

    await Promise.all(replicas.map((replica) => replica.close()));
    expect(ran.map((names) => names.length).sort()).toEqual([0, 0, MIGRATIONS.length]);
  });

  it('waits for who uses a table, longer than the hub does, and leaves nobody else waiting so long', async () => {
    const url = await on.freshUrl();
    const database = await openDatabase(url);
    const changes = MIGRATIONS.slice(MIGRATIONS.indexOf(IndexDueTokens1764820000000));
    for (const _ of changes) await database.writer.undoLastMigration({ transaction: 'each' });
    const user = await createConnection({ uri: url });
    await user.query('START TRANSACTION');
    await user.query('SELECT 1 FROM token');

    const migrating = new Migrator(database).migrate();
    let isHeld = true;
    // Longer than its other sessions wait, and than a statement of theirs may take.
    const released = sleep(11_000).then(() => {
      isHeld = false;
      return user.end();
    });

    await expect(migrating).resolves.toEqual(changes.map((each) => each.name));
    expect(isHeld).toBe(false);
    await released;
    const waits = await Promise.all(
      Array.from({ length: 12 }, () => database.manager.query('SELECT @@lock_wait_timeout AS tables, SLEEP(0.2)')),
    );
    expect(waits.flat().map(({ tables }) => Number(tables))).toEqual(waits.map(() => 5));
  });
});
