import { LessThanOrEqual } from 'typeorm';
import type { Reader } from '../database/database.js';
import type { Transaction } from '../database/unit-of-work.js';
import { SigningKeyEntity } from './signing-key.entity.js';

export class SigningKeyRepository {
  constructor(private readonly database: Reader) {}

  /** Two or three. */
  findAllNewestFirst(): Promise<SigningKeyEntity[]> {
    return this.database.manager.find(SigningKeyEntity, { order: { generation: 'DESC' } });
  }

  /** @throws a unique violation when there is a key of this generation already */
  async insert(tx: Transaction, row: SigningKeyEntity): Promise<void> {
    await tx.manager.insert(SigningKeyEntity, row);
  }

  async retire(tx: Transaction, id: string, retiresAt: Date): Promise<void> {
    await tx.manager.update(SigningKeyEntity, { id }, { retiresAt });
  }

  /**
   * Nothing that any of them has signed is valid any more.
   *
   * @returns their ids, newest first
   */
  async deleteAll(tx: Transaction): Promise<string[]> {
    const rows = await tx.manager.find(SigningKeyEntity, { select: { id: true }, order: { generation: 'DESC' } });
    const ids = rows.map(({ id }) => id);
    if (ids.length > 0) await tx.manager.delete(SigningKeyEntity, ids);
    return ids;
  }

  async deleteRetired(tx: Transaction, now: Date): Promise<void> {
    await tx.manager.delete(SigningKeyEntity, { retiresAt: LessThanOrEqual(now) });
  }
}
