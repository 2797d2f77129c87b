import 'reflect-metadata';
import { AuditRecorder } from '../audit/audit.recorder.js';
import { databaseConfig } from '../config.js';
import { DatabaseClock } from '../database/clock.js';
import { Database } from '../database/database.js';
import { Migrator } from '../database/migrator.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { SigningKeyRepository } from '../signing-key/signing-key.repository.js';
import { runCommand } from './run-command.js';
import { SigningKeyDrop } from './signing-key-drop.js';

await runCommand(async () => {
  const database = await Database.open(databaseConfig(process.env));
  try {
    await new Migrator(database).migrate();
    await dropSigningKeys(database);
  } finally {
    await database.close();
  }
  process.stdout.write('The signing keys are gone. Start every hub anew: another one is made when it is wanted.\n');
});

async function dropSigningKeys(database: Database): Promise<void> {
  const clock = await DatabaseClock.start(database);
  const unitOfWork = new UnitOfWork(database);
  const keys = new SigningKeyRepository(database);
  try {
    await new SigningKeyDrop(unitOfWork, keys, new AuditRecorder(unitOfWork, clock)).drop();
  } finally {
    clock.stop();
  }
}
