import { IsNull } from 'typeorm';
import type { Database } from '../database/database.js';
import type { Transaction } from '../database/unit-of-work.js';
import { UserEntity } from '../user/user.entity.js';
import { AuthorizationCodeEntity } from './authorization-code.entity.js';

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
  async use(tx: Transaction, id: string, use: { usedAt: Date; familyId: string }): Promise<boolean> {
    const used = await tx.manager.update(AuthorizationCodeEntity, { id, usedAt: IsNull() }, use);
    return used.affected === 1;
  }

  /** @returns null once it has gone with its client or person */
  find(tx: Transaction, id: string): Promise<AuthorizationCodeEntity | null> {
    return tx.manager.findOneBy(AuthorizationCodeEntity, { id });
  }
}
