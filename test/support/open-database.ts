import { afterEach } from '@jest/globals';
import { databaseConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { Migrator } from '../../src/database/migrator.js';
import type { TestDatabase } from './databases.js';

const opened: Database[] = [];

/** Opens and migrates; closed after the test. */
export async function openDatabase(url: string): Promise<Database> {
  const database = await Database.open(databaseConfig({ DATABASE_URL: url }));
  opened.push(database);
  await new Migrator(database).migrate();
  return database;
}

/** An empty database with the hub's schema. */
export async function freshDatabase(on: TestDatabase): Promise<Database> {
  return openDatabase(await on.freshUrl());
}

afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});
