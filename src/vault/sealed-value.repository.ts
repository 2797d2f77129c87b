import type { Reader } from '../database/database.js';
import type { Transaction } from '../database/unit-of-work.js';
import type { SealedColumnKey } from './sealed-column.js';

/** One sealed value as it is stored. */
export interface SealedValue {
  readonly id: string;
  readonly sealed: string;
}

/** Reads and replaces the values of any sealed column, knowing nothing of what the row means. */
export class SealedValueRepository {
  constructor(private readonly database: Reader) {}

  /** At most `limit` values in the order of the primary key, from the row after `afterId` on. */
  async findPage({ entity, property }: SealedColumnKey, afterId: string, limit: number): Promise<SealedValue[]> {
    return this.database.manager
      .createQueryBuilder(entity, 'row')
      .select('row.id', 'id')
      .addSelect(`row.${property}`, 'sealed')
      .where('row.id > :afterId', { afterId })
      .andWhere(`row.${property} IS NOT NULL`)
      .orderBy('row.id')
      .limit(limit)
      .getRawMany<SealedValue>();
  }

  /** @returns false when the value is no longer the one given: somebody wrote it meanwhile, and that stays */
  async replace(
    tx: Transaction,
    { entity, property }: SealedColumnKey,
    { id, sealed }: SealedValue,
    resealed: string,
  ): Promise<boolean> {
    const { affected } = await tx.manager.update(entity, { id, [property]: sealed }, { [property]: resealed });
    return affected === 1;
  }
}
