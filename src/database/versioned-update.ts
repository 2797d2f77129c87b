import type { EntityTarget, UpdateQueryBuilder } from 'typeorm';
import { UserError } from '../errors.js';
import type { Transaction } from './unit-of-work.js';

interface Versioned {
  id: string;
  version: number;
  updatedAt: Date;
}

/**
 * Writes only the columns that change, and only on the version that was read: of two writers that read the same row one
 * fails instead of undoing the other.
 *
 * @returns the row as it stands now
 * @throws UserError CONFLICT
 */
export async function updateVersioned<T extends Versioned>(
  tx: Transaction,
  entity: EntityTarget<T>,
  row: T,
  changes: Partial<T>,
  now: Date,
): Promise<T> {
  const stamped = { ...changes, version: row.version + 1, updatedAt: now };
  const result = await tx.manager
    .createQueryBuilder()
    .update(entity)
    .set(stamped as Parameters<UpdateQueryBuilder<T>['set']>[0])
    .where('id = :id AND version = :version', { id: row.id, version: row.version })
    .execute();
  if (result.affected !== 1) {
    throw new UserError({
      code: 'CONFLICT',
      message: 'Somebody else changed this record at the same time: read it again and repeat.',
    });
  }
  return { ...row, ...stamped };
}
