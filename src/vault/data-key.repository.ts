import { IsNull } from 'typeorm';
import type { Reader } from '../database/database.js';
import type { Transaction } from '../database/unit-of-work.js';
import { DataKeyEntity } from './data-key.entity.js';

export class DataKeyRepository {
  constructor(private readonly database: Reader) {}

  /** Every data key there ever was; a handful. */
  async findAllNewestFirst(): Promise<DataKeyEntity[]> {
    return this.database.manager.find(DataKeyEntity, { order: { generation: 'DESC' } });
  }

  /** @throws a unique violation when there is a key of this generation already */
  async insert(tx: Transaction, dataKey: DataKeyEntity): Promise<void> {
    await tx.manager.insert(DataKeyEntity, dataKey);
  }

  /** @returns false when another replica was first */
  async rewrap(tx: Transaction, { id, wrappedKey }: DataKeyEntity, rewrapped: string): Promise<boolean> {
    const { affected } = await tx.manager.update(DataKeyEntity, { id, wrappedKey }, { wrappedKey: rewrapped });
    return affected === 1;
  }

  /** @returns false when another replica was first */
  async retire(tx: Transaction, id: string, retiredAt: Date): Promise<boolean> {
    const { affected } = await tx.manager.update(DataKeyEntity, { id, retiredAt: IsNull() }, { retiredAt });
    return affected === 1;
  }
}
