import { setImmediate as nextTurn } from 'node:timers/promises';
import { type FindOptionsWhere, Raw } from 'typeorm';
import { BATCH_SIZE } from '../database/delete-in-batches.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { IssuedValueEntity } from './issued-value.entity.js';

type Which = FindOptionsWhere<IssuedValueEntity>;

/**
 * Removes the values of tokens that are about to be removed, a batch for each commit: of one token there may be
 * thousands, and with it they would all go at once.
 */
export async function deleteValues(unitOfWork: UnitOfWork, which: Which): Promise<void> {
  // SQLite answers without a wait: whatever else the process has to do gets its turn.
  while (await unitOfWork.run((tx) => deleteSome(tx, which))) await nextTurn();
}

/** Those of all tokens of a client. */
export function ofClient(clientRowId: string): Which {
  const sql = (tokenId: string) => `${tokenId} IN (SELECT id FROM token WHERE clientId = :clientRowId)`;
  return { tokenId: Raw(sql, { clientRowId }) };
}

/** @returns whether there may be more */
async function deleteSome(tx: Transaction, where: Which): Promise<boolean> {
  const found = await tx.manager.find(IssuedValueEntity, { select: { id: true }, where, take: BATCH_SIZE });
  const ids = found.map(({ id }) => id);
  // By their ids alone: with the tokens' SQLite would try each id with each of them.
  if (ids.length > 0) await tx.manager.delete(IssuedValueEntity, ids);
  return ids.length === BATCH_SIZE;
}
