import { IsNull } from 'typeorm';
import type { Database } from '../database/database.js';
import type { Transaction } from '../database/unit-of-work.js';
import { UserEntity } from '../user/user.entity.js';
import { AuthorizationCodeEntity } from './authorization-code.entity.js';

/** Stands for the family of a code that came again before it was known what it gave. */
const REPLAYED = 'replayed';

export type CodeWithUser = AuthorizationCodeEntity & { user: UserEntity };

export class AuthorizationCodeRepository {
  constructor(private readonly database: Database) {}

  /** A code and whose consent it stands for, in one query. */
  findByHash(hash: string): Promise<CodeWithUser | null> {
    return this.database.manager
      .createQueryBuilder(AuthorizationCodeEntity, 'code')
      .innerJoinAndMapOne('code.user', UserEntity, 'user', 'user.id = code.userId')
      .where({ hash })
      .getOne() as Promise<CodeWithUser | null>;
  }

  async insert(tx: Transaction, row: AuthorizationCodeEntity): Promise<void> {
    await tx.manager.insert(AuthorizationCodeEntity, row);
  }

  /** @returns false when it had been used before */
  async use(tx: Transaction, id: string, usedAt: Date): Promise<boolean> {
    const used = await tx.manager.update(AuthorizationCodeEntity, { id, usedAt: IsNull() }, { usedAt });
    return used.affected === 1;
  }

  /** @returns false when the code has come again meanwhile */
  async setFamily(tx: Transaction, id: string, familyId: string): Promise<boolean> {
    const set = await tx.manager.update(AuthorizationCodeEntity, { id, familyId: IsNull() }, { familyId });
    return set.affected === 1;
  }

  /**
   * Notes that a used code has come again.
   *
   * @returns whether this was the first time, and the family of what it gave, if that is known
   */
  async markReplayed(tx: Transaction, id: string): Promise<{ isFirst: boolean; familyId: string | null }> {
    if (await this.setFamily(tx, id, REPLAYED)) return { isFirst: true, familyId: null };
    const { familyId } = await tx.manager.findOneByOrFail(AuthorizationCodeEntity, { id });
    return { isFirst: false, familyId: familyId === REPLAYED ? null : familyId };
  }
}
