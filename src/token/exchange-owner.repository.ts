import { In, LessThan, MoreThan } from 'typeorm';
import type { Database } from '../database/database.js';
import type { Transaction } from '../database/unit-of-work.js';
import type { Dated, SetBack } from '../set-back-watch.js';
import { ExchangeOwnerEntity } from './exchange-owner.entity.js';

const BATCH = 100;

/** The few replicas that send requests. */
export class ExchangeOwnerRepository implements Dated {
  constructor(private readonly database: Database) {}

  all(): Promise<ExchangeOwnerEntity[]> {
    return this.database.manager.find(ExchangeOwnerEntity);
  }

  /** Goes on with what it has told so far. @returns whether it has told anything after that instant */
  async goOn(
    tx: Transaction,
    { id, seenAt, settledBefore }: Omit<ExchangeOwnerEntity, 'since'>,
    after: Date,
  ): Promise<boolean> {
    const where = { id, seenAt: MoreThan(after) };
    const { affected } = await tx.manager.update(ExchangeOwnerEntity, where, { seenAt, settledBefore });
    return affected === 1;
  }

  async begin(tx: Transaction, row: ExchangeOwnerEntity): Promise<void> {
    await tx.manager.upsert(ExchangeOwnerEntity, row, ['id']);
  }

  /** Some of those that have told nothing since. */
  silentSince(before: Date): Promise<ExchangeOwnerEntity[]> {
    return this.database.manager.find(ExchangeOwnerEntity, { where: { seenAt: LessThan(before) }, take: BATCH });
  }

  async delete(tx: Transaction, ids: readonly string[]): Promise<void> {
    await tx.manager.delete(ExchangeOwnerEntity, { id: In([...ids]) });
  }

  /** What was told by a clock that was ahead is told anew within seconds. */
  async clockSetBack(tx: Transaction, { now }: SetBack): Promise<void> {
    await tx.manager.delete(ExchangeOwnerEntity, { seenAt: MoreThan(now) });
  }
}
