import { createConnection } from 'mysql2/promise';
import { HubFolder } from '../support/hub-process.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { DatabaseWindow } from '../token/database-window.js';
import { Replica } from './replica.js';

/** What the replica of that index gets besides. */
export type EnvOf = (index: number) => Record<string, string>;

/** Hubs as processes on one MariaDB that nobody else uses, so that it may be stopped. */
export class Replicas {
  private readonly made: Replica[] = [];

  private constructor(
    readonly mariaDb: MariaDb,
    readonly rows: DatabaseWindow,
    private readonly folder: HubFolder,
  ) {}

  static async start(count: number, envOf: EnvOf = () => ({})): Promise<Replicas> {
    const [folder, mariaDb] = await Promise.all([HubFolder.make(), startMariaDb()]);
    const connection = await createConnection({ uri: mariaDb.url });
    await connection.query('CREATE DATABASE hub CHARACTER SET utf8mb4');
    await connection.end();
    const replicas = new Replicas(mariaDb, new DatabaseWindow(`${mariaDb.url}/hub`), folder);
    for (let index = 0; index < count; index += 1) await replicas.add(envOf(index));
    return replicas;
  }

  at(index: number): Replica {
    const replica = this.made[index];
    if (!replica) throw new Error(`There are ${this.made.length} replicas`);
    return replica;
  }

  get all(): readonly Replica[] {
    return this.made;
  }

  /** As if its time had passed. */
  async lapseLease(tokenId: string): Promise<void> {
    await this.rows.query('UPDATE token SET leaseUntilMs = 0 WHERE id = ?', [tokenId]);
  }

  /** As if the time had passed of every lease that this one holds. */
  async lapseLeasesOf(replica: Replica): Promise<void> {
    const held = 'SELECT id FROM exchange_attempt WHERE ownerId = ?';
    await this.rows.query(`UPDATE token SET leaseUntilMs = 0 WHERE leaseOwner IN (${held})`, [await replica.ownerId()]);
  }

  async stop(): Promise<void> {
    await this.folder.remove();
    await this.mariaDb.remove();
  }

  private async add(env: Record<string, string>): Promise<void> {
    const replica = new Replica(this.folder, this.rows.databaseUrl, `replica-${this.made.length}`, env);
    this.made.push(await replica.start());
  }
}
