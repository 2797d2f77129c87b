import { Not } from 'typeorm';
import type { Reader } from '../database/database.js';
import { deleteBatch } from '../database/delete-in-batches.js';
import type { Transaction } from '../database/unit-of-work.js';
import { UserEntity } from '../user/user.entity.js';
import { SessionEntity } from './session.entity.js';

export type SessionWithUser = SessionEntity & { user: UserEntity };

export class SessionRepository {
  constructor(private readonly database: Reader) {}

  /** A session and whose it is, in one query. */
  findWithUser(id: string, reader: Reader = this.database): Promise<SessionWithUser | null> {
    return reader.manager
      .createQueryBuilder(SessionEntity, 'session')
      .innerJoinAndMapOne('session.user', UserEntity, 'user', 'user.id = session.userId')
      .where({ id })
      .getOne() as Promise<SessionWithUser | null>;
  }

  async insert(tx: Transaction, row: SessionEntity): Promise<void> {
    await tx.manager.insert(SessionEntity, row);
  }

  /** @returns false when the session has ended or another request rotated it first */
  async rotate(
    tx: Transaction,
    { id, refreshHash }: SessionEntity,
    next: Pick<SessionEntity, 'refreshHash' | 'rotatedAt' | 'expiresAt'>,
  ): Promise<boolean> {
    const { affected } = await tx.manager.update(
      SessionEntity,
      { id, refreshHash },
      { ...next, previousRefreshHash: refreshHash },
    );
    return affected === 1;
  }

  /** @returns false when it had ended already */
  async delete(tx: Transaction, id: string): Promise<boolean> {
    const { affected } = await tx.manager.delete(SessionEntity, { id });
    return affected === 1;
  }

  /** @returns how many sessions that ended */
  async deleteAllOf(tx: Transaction, userId: string, exceptId?: string): Promise<number> {
    const those = { userId, ...(exceptId === undefined ? {} : { id: Not(exceptId) }) };
    const count = await tx.manager.countBy(SessionEntity, those);
    while (await deleteBatch(tx, SessionEntity, those));
    return count;
  }
}
