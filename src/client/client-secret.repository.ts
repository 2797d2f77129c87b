import type { Database, Reader } from '../database/database.js';
import { readIn } from '../database/read-in.js';
import type { Transaction } from '../database/unit-of-work.js';
import { ClientSecretEntity } from './client-secret.entity.js';

export class ClientSecretRepository {
  constructor(private readonly database: Database) {}

  /** Secrets of these clients, live or not, newest first. */
  findOfClients(clientIds: readonly string[], reader: Reader = this.database): Promise<ClientSecretEntity[]> {
    return readIn(reader.manager, ClientSecretEntity, 'clientId', clientIds, 'ORDER BY clientId, id DESC');
  }

  async insert(tx: Transaction, row: ClientSecretEntity): Promise<void> {
    await tx.manager.insert(ClientSecretEntity, row);
  }

  /** Lets this one stay for a while and removes all others. */
  async keepOnly(
    tx: Transaction,
    clientId: string,
    kept: ClientSecretEntity | undefined,
    expiresAt: Date | null,
  ): Promise<void> {
    const removal = tx.manager
      .createQueryBuilder()
      .delete()
      .from(ClientSecretEntity)
      .where('clientId = :clientId', { clientId });
    if (kept) removal.andWhere('id <> :kept', { kept: kept.id });
    await removal.execute();
    if (kept) await tx.manager.update(ClientSecretEntity, { id: kept.id }, { expiresAt });
  }
}
