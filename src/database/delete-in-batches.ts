import { setImmediate as nextTurn } from 'node:timers/promises';
import { type EntityTarget, type FindOptionsSelect, type FindOptionsWhere, In } from 'typeorm';
import type { Transaction, UnitOfWork } from './unit-of-work.js';

/** Rows in one statement: however many there are, none takes long enough to be given up. */
export const BATCH_SIZE = 200;

/** Removes what the condition finds by an index, a batch for each commit. */
export async function deleteInBatches<Row extends { id: string }>(
  unitOfWork: UnitOfWork,
  entity: EntityTarget<Row>,
  condition: FindOptionsWhere<Row>,
): Promise<void> {
  // SQLite answers without a wait: whatever else the process has to do gets its turn.
  while (await unitOfWork.run((tx) => deleteBatch(tx, entity, condition))) await nextTurn();
}

/** @returns whether there may be more */
export async function deleteBatch<Row extends { id: string }>(
  tx: Transaction,
  entity: EntityTarget<Row>,
  condition: FindOptionsWhere<Row>,
): Promise<boolean> {
  const select = { id: true } as FindOptionsSelect<Row>;
  const found = await tx.manager.find(entity, { select, where: condition, take: BATCH_SIZE });
  // By the condition too: one may have been renewed since it was found.
  const still = { ...condition, id: In(found.map(({ id }) => id)) } as FindOptionsWhere<Row>;
  if (found.length > 0) await tx.manager.delete(entity, still);
  return found.length === BATCH_SIZE;
}
