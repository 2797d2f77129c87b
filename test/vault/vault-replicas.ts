import { databaseUrl } from '../../src/config-database-url.js';
import { Database } from '../../src/database/database.js';
import { Migrator } from '../../src/database/migrator.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { ColumnResealer } from '../../src/vault/column-resealer.js';
import { DataKeyRing } from '../../src/vault/data-key-ring.js';
import { DataKeyRepository } from '../../src/vault/data-key.repository.js';
import { KeyRotation } from '../../src/vault/key-rotation.js';
import { parseMasterKeys } from '../../src/vault/master-keys.js';
import { SealedValueRepository } from '../../src/vault/sealed-value.repository.js';
import { Vault } from '../../src/vault/vault.js';

/** The vault as one process of the hub has it. */
export interface VaultReplica {
  readonly database: Database;
  readonly unitOfWork: UnitOfWork;
  readonly dataKeys: DataKeyRepository;
  readonly ring: DataKeyRing;
  readonly vault: Vault;
  readonly rotation: KeyRotation;
}

interface ReplicaOptions {
  dataKeys?: (database: Database) => DataKeyRepository;
  values?: (database: Database) => SealedValueRepository;
}

/** Replicas on one database and one clock. SQLite allows one process, so there they share the connections. */
export class VaultReplicas {
  readonly clock = { nowMs: Date.parse('2026-01-01T00:00:00.000Z'), now: () => new Date(this.clock.nowMs) };
  private databases: Database[] = [];
  private unitOfWork: UnitOfWork | undefined;

  constructor(private readonly url: string) {}

  /** @param masterKeys text of HUB_MASTER_KEY */
  async start(masterKeys: string, options: ReplicaOptions = {}): Promise<VaultReplica> {
    const { database, unitOfWork } = await this.open();
    const dataKeys = options.dataKeys?.(database) ?? new DataKeyRepository(database);
    const ring = await DataKeyRing.open(dataKeys, unitOfWork, this.clock, parseMasterKeys(masterKeys));
    const vault = new Vault(ring, this.clock);
    const values = options.values?.(database) ?? new SealedValueRepository(database);
    const rotation = new KeyRotation(ring, new ColumnResealer(ring, vault, values, unitOfWork), this.clock);
    return { database, unitOfWork, dataKeys, ring, vault, rotation };
  }

  /** A connection of its own where the database allows several. */
  async open(): Promise<{ database: Database; unitOfWork: UnitOfWork }> {
    const [shared] = this.databases;
    if (shared?.dialect === 'sqlite' && this.unitOfWork) return { database: shared, unitOfWork: this.unitOfWork };
    const database = await Database.open(databaseUrl.parse(this.url));
    this.databases.push(database);
    if (!shared) await new Migrator(database).migrate();
    this.unitOfWork = new UnitOfWork(database);
    return { database, unitOfWork: this.unitOfWork };
  }

  /** Ends every replica; others may be started afterwards. */
  async stop(): Promise<void> {
    for (const database of this.databases.splice(0)) await database.close();
  }
}
