import { databaseUrl } from '../../src/config-database-url.js';
import { Database } from '../../src/database/database.js';
import { Migrator } from '../../src/database/migrator.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { createLog } from '../../src/log.js';
import { SigningKeyRepository } from '../../src/signing-key/signing-key.repository.js';
import { SigningKeys } from '../../src/signing-key/signing-keys.js';
import { DataKeyRing } from '../../src/vault/data-key-ring.js';
import { DataKeyRepository } from '../../src/vault/data-key.repository.js';
import { parseMasterKeys } from '../../src/vault/master-keys.js';
import { Vault } from '../../src/vault/vault.js';
import { StoppedClock } from '../user/people.js';

const MASTER_KEYS = parseMasterKeys(Buffer.alloc(32, 7).toString('base64'));

/** The signing keys as one process of the hub has them. */
export interface SigningReplica {
  readonly database: Database;
  readonly unitOfWork: UnitOfWork;
  readonly vault: Vault;
  readonly keys: SigningKeys;
  readonly repository: SigningKeyRepository;
  /** How often it has read the table. */
  readonly reads: () => number;
  /** How many keys it has made to store them. */
  readonly inserts: () => number;
}

/** Replicas on one database and one clock. SQLite allows one process, so there they share the connections. */
export class SigningReplicas {
  readonly clock = new StoppedClock();
  private opened: { database: Database; unitOfWork: UnitOfWork }[] = [];

  constructor(private readonly url: string) {}

  async start(): Promise<SigningReplica> {
    const { database, unitOfWork } = await this.open();
    const ring = await DataKeyRing.open(new DataKeyRepository(database), unitOfWork, this.clock, MASTER_KEYS);
    const repository = new CountingRepository(database);
    const vault = new Vault(ring, this.clock);
    const keys = new SigningKeys(repository, unitOfWork, vault, this.clock, createLog('silent'));
    return {
      database,
      unitOfWork,
      vault,
      keys,
      repository,
      reads: () => repository.reads,
      inserts: () => repository.inserts,
    };
  }

  async stop(): Promise<void> {
    for (const { database } of this.opened.splice(0)) await database.close();
  }

  private async open(): Promise<{ database: Database; unitOfWork: UnitOfWork }> {
    const [shared] = this.opened;
    if (shared?.database.dialect === 'sqlite') return shared;
    const database = await Database.open(databaseUrl.parse(this.url));
    const opened = { database, unitOfWork: new UnitOfWork(database) };
    this.opened.push(opened);
    if (!shared) await new Migrator(database).migrate();
    return opened;
  }
}

class CountingRepository extends SigningKeyRepository {
  reads = 0;
  inserts = 0;

  override findAllNewestFirst() {
    this.reads += 1;
    return super.findAllNewestFirst();
  }

  override insert(...given: Parameters<SigningKeyRepository['insert']>) {
    this.inserts += 1;
    return super.insert(...given);
  }
}
