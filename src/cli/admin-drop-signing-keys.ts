import 'reflect-metadata';
import { databaseConfig } from '../config.js';
import { Database } from '../database/database.js';
import { Migrator } from '../database/migrator.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { SigningKeyRepository } from '../signing-key/signing-key.repository.js';
import { runCommand } from './run-command.js';

await runCommand(async () => {
  const database = await Database.open(databaseConfig(process.env));
  try {
    await new Migrator(database).migrate();
    await new UnitOfWork(database).run((tx) => new SigningKeyRepository(database).deleteAll(tx));
  } finally {
    await database.close();
  }
  process.stdout.write('The signing keys are gone. Start every hub anew: the first one makes another key.\n');
});
