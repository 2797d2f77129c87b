import type { Reader } from '../database/database.js';
import type { Transaction } from '../database/unit-of-work.js';
import type { SealedColumnKey } from './sealed-column.js';

/** One sealed value as it is stored. */
export interface SealedValue {
  readonly id: string;
  readonly sealed: string;
}

interface SealedPage {
  readonly values: readonly SealedValue[];
  /** Where the next page begins; undefined on the last one. */
  readonly lastId: string | undefined;
}

/** Reads and replaces the values of any sealed column, knowing nothing of what the row means. */
export class SealedValueRepository {
  constructor(private readonly database: Reader) {}

  /**
   * The values of at most `limit` rows in the order of the primary key, after `afterId`.
   *
   * Rows without a value count: to step over them, the database might read a whole table for one page.
   */
  async findPage({ entity, property }: SealedColumnKey, afterId: string, limit: number): Promise<SealedPage> {
    const rows = await this.database.manager
      .createQueryBuilder(entity, 'record')
      .select('record.id', 'id')
      .addSelect(`record.${property}`, 'sealed')
      .where('record.id > :afterId', { afterId })
      .orderBy('record.id')
      .limit(limit)
      .getRawMany<{ id: string; sealed: string | null }>();
    const values = rows.flatMap(({ id, sealed }) => (sealed === null ? [] : [{ id, sealed }]));
    return { values, lastId: rows.length < limit ? undefined : rows.at(-1)?.id };
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
