import { In, LessThanOrEqual, MoreThan, Not } from 'typeorm';
import type { Database } from '../database/database.js';
import type { Transaction } from '../database/unit-of-work.js';
import type { Dated, SetBack } from '../set-back-watch.js';
import { RevocationEntity } from './revocation.entity.js';

export class RevocationRepository implements Dated {
  constructor(private readonly database: Database) {}

  /** The refresh token first, as most providers end the rest with it. */
  ofToken(tokenId: string): Promise<RevocationEntity[]> {
    return this.database.manager.find(RevocationEntity, { where: { tokenId }, order: { id: 'ASC' } });
  }

  /**
   * Those that have waited longest first.
   *
   * @param spared providers that nothing can be sent to now
   */
  due(now: Date, limit: number, spared: readonly string[]): Promise<RevocationEntity[]> {
    return this.database.manager.find(RevocationEntity, {
      where: {
        dueAt: LessThanOrEqual(now),
        ...(spared.length > 0 ? { providerId: Not(In([...spared])) } : {}),
      },
      order: { dueAt: 'ASC', id: 'ASC' },
      take: limit,
    });
  }

  count(): Promise<number> {
    return this.database.manager.count(RevocationEntity);
  }

  /** Whether one of these is stored already. */
  haveAny(tx: Transaction, rows: readonly RevocationEntity[]): Promise<boolean> {
    return tx.manager.existsBy(RevocationEntity, { id: In(rows.map(({ id }) => id)) });
  }

  async insert(tx: Transaction, rows: readonly RevocationEntity[]): Promise<void> {
    if (rows.length > 0) await tx.manager.insert(RevocationEntity, [...rows]);
  }

  /** Puts it off, unless another process has done so. @returns whether this call did */
  async postpone(tx: Transaction, { dueAt, id }: RevocationEntity, until: Date, tries: number): Promise<boolean> {
    const { affected } = await tx.manager.update(RevocationEntity, { id, dueAt }, { dueAt: until, tries });
    return affected === 1;
  }

  /** Sent twice at worst, which changes nothing; put off, it would wait as much longer. */
  async clockSetBack(tx: Transaction, { now }: SetBack): Promise<void> {
    await tx.manager.update(RevocationEntity, { dueAt: MoreThan(now) }, { dueAt: now });
  }

  async delete(tx: Transaction, ids: readonly string[]): Promise<void> {
    await tx.manager.delete(RevocationEntity, { id: In([...ids]) });
  }
}
