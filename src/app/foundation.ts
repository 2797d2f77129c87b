import { existsSync } from 'node:fs';
import type { Log } from '../log.js';
import { AuditRecorder } from '../audit/audit.recorder.js';
import { StartupError } from '../errors.js';
import type { Config } from '../config.js';
import { ReplicaIdentity } from './replica-identity.js';
import { DatabaseClock } from '../database/clock.js';
import { ClockSkewWatch } from '../database/clock-skew.js';
import { Database } from '../database/database.js';
import { Migrator } from '../database/migrator.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { Spool } from '../spool/spool.js';
import { ColumnResealer } from '../vault/column-resealer.js';
import { DataKeyRing } from '../vault/data-key-ring.js';
import { DataKeyRepository } from '../vault/data-key.repository.js';
import { KeyRotation } from '../vault/key-rotation.js';
import { loadOrCreateMasterKeyFile, type MasterKey, parseMasterKeys } from '../vault/master-keys.js';
import { SealedValueRepository } from '../vault/sealed-value.repository.js';
import { Vault } from '../vault/vault.js';

/** What everything else stands on: an up-to-date database, its clock, opened keys, the audit trail. */
export interface Foundation {
  readonly database: Database;
  readonly migrator: Migrator;
  readonly unitOfWork: UnitOfWork;
  readonly clock: DatabaseClock;
  readonly clockSkew: ClockSkewWatch;
  readonly keys: DataKeyRing;
  readonly vault: Vault;
  readonly keyRotation: KeyRotation;
  readonly audit: AuditRecorder;
  readonly spool: Spool;
  readonly replica: ReplicaIdentity;
  close(): Promise<void>;
}

/**
 * Opens the database, brings its schema up to date and unlocks the vault.
 *
 * @throws StartupError when another process has the database, or the master key is wrong or missing
 */
export async function openFoundation(config: Config, log: Log): Promise<Foundation> {
  const database = await Database.open(config.database, (message) => log.warn(message));
  let clock: DatabaseClock | undefined;
  let spool: Spool | undefined;
  try {
    // After the database: a second hub on the same file is told of that first.
    spool = await Spool.open(config.spoolDir, log);
    const migrator = new Migrator(database);
    const migrated = await migrator.migrate();
    if (migrated.length > 0) log.info({ migrated }, 'database schema brought up to date');
    clock = await DatabaseClock.start(database);
    return await unlock(
      config,
      database,
      migrator,
      { clock, clockSkew: new ClockSkewWatch(clock, config.database, log) },
      spool,
    );
  } catch (error) {
    clock?.stop();
    await spool?.close();
    await database.close();
    throw error;
  }
}

async function unlock(
  config: Config,
  database: Database,
  migrator: Migrator,
  { clock, clockSkew }: Pick<Foundation, 'clock' | 'clockSkew'>,
  spool: Spool,
): Promise<Foundation> {
  const unitOfWork = new UnitOfWork(database);
  const dataKeys = new DataKeyRepository(database);
  const isNew = (await dataKeys.findAllNewestFirst()).length === 0;
  const keys = await DataKeyRing.open(dataKeys, unitOfWork, clock, masterKeys(config, isNew));
  const vault = new Vault(keys, clock);
  const resealer = new ColumnResealer(keys, vault, new SealedValueRepository(database), unitOfWork);
  return {
    database,
    migrator,
    unitOfWork,
    clock,
    clockSkew,
    keys,
    vault,
    keyRotation: new KeyRotation(keys, resealer, clock),
    audit: new AuditRecorder(unitOfWork, clock),
    spool,
    // One hub serves a SQLite file: a former life of it has ended, wherever it was.
    replica: ReplicaIdentity.open(config.spoolDir, config.database.kind === 'sqlite' ? 'sqlite' : undefined),
    close: async () => {
      clockSkew.stop();
      clock.stop();
      await spool.close();
      await database.close();
    },
  };
}

/** A key file is made for a new database only: beside one with sealed secrets a missing file is a lost one. */
function masterKeys({ masterKeys: given, masterKeyFile }: Config, isNew: boolean): MasterKey[] {
  if (given) return parseMasterKeys(given.reveal());
  if (masterKeyFile === undefined) throw new TypeError('The configuration names neither master keys nor their file');
  if (!isNew && !existsSync(masterKeyFile)) {
    throw new StartupError(
      `The key file ${masterKeyFile} is missing, and what this database holds is sealed with it: restore the file from a backup.`,
    );
  }
  return parseMasterKeys(loadOrCreateMasterKeyFile(masterKeyFile), masterKeyFile);
}
