import { expect, it } from '@jest/globals';
import { Migrator } from '../../src/database/migrator.js';
import { Database } from '../../src/database/database.js';
import { databaseConfig } from '../../src/config.js';
import { MIGRATIONS } from '../../src/database/migrations.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';

describeEachDatabase('the schema', (on) => {
  it('is the same by migrations as by entities', async () => {
    const database = await freshDatabase(on);

    const drift = await database.writer.driver.createSchemaBuilder().log();

    expect(drift.upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('goes down to nothing and up again', async () => {
    const database = await freshDatabase(on);
    for (const _ of MIGRATIONS) await database.writer.undoLastMigration({ transaction: 'each' });

    const left = await database.writer.createQueryRunner().getTables();

    expect(left.map(({ name }) => name.split('.').at(-1)).sort()).toEqual(['migration_lease', 'schema_migration']);
    expect(await new Migrator(database).migrate()).toHaveLength(MIGRATIONS.length);
  });

  it('has an index for every foreign key', async () => {
    const database = await freshDatabase(on);
    const bare = database.writer.entityMetadatas.flatMap(({ tableName, foreignKeys, indices }) =>
      foreignKeys
        .filter(({ columns }) => !indices.some((index) => index.columns[0] === columns[0]))
        .map(({ name }) => `${tableName}.${name}`),
    );

    expect(bare).toEqual([]);
  });
});

describeEachDatabase('Migrator', (on) => {
  it('lets one of several starting replicas migrate and the others wait for it', async () => {
    if (on.dialect === 'sqlite') return;
    const url = await on.freshUrl();
    const replicas = await Promise.all([1, 2, 3].map(() => Database.open(databaseConfig({ DATABASE_URL: url }))));

    const ran = await Promise.all(replicas.map((replica) => new Migrator(replica).migrate()));

    await Promise.all(replicas.map((replica) => replica.close()));
    expect(ran.map((names) => names.length).sort()).toEqual([0, 0, MIGRATIONS.length]);
  });
});
