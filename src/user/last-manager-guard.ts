import { GuardEntity } from '../database/guard.entity.js';
import type { Transaction } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import type { UserEntity } from './user.entity.js';
import type { UserRepository } from './user.repository.js';

const GUARD_NAME = 'system-managers';

/** Keeps one System Manager who can log in, whatever happens at the same time on other replicas. */
export class LastManagerGuard {
  constructor(private readonly users: UserRepository) {}

  /**
   * Makes concurrent units of work that decide about the set of managers exclude each other: each counts up one row
   * before it looks. On one server the later one waits and then sees what the first has committed; on a cluster its
   * commit fails and it runs again.
   */
  async enter(tx: Transaction): Promise<void> {
    if (await countUp(tx)) return;
    await tx.manager
      .createQueryBuilder()
      .insert()
      .into(GuardEntity)
      .values({ name: GUARD_NAME, version: 0 })
      .orUpdate(['name'], ['name'])
      .execute();
    await countUp(tx);
  }

  /**
   * Call before `user` is deleted, or changed into `after`.
   *
   * @throws UserError IN_USE when no other System Manager could log in then
   */
  async requireAnother(tx: Transaction, user: UserEntity, after?: Partial<UserEntity>): Promise<void> {
    if (!isManager(user) || (after && isManager({ ...user, ...after }))) return;
    await this.enter(tx);
    if ((await this.users.countOtherManagers(tx, user.id)) > 0) return;
    throw new UserError({
      code: 'IN_USE',
      field: ['id'],
      message: `${user.name} is the last System Manager who can log in: make another one first.`,
    });
  }
}

async function countUp(tx: Transaction): Promise<boolean> {
  const counted = await tx.manager.increment(GuardEntity, { name: GUARD_NAME }, 'version', 1);
  return counted.affected === 1;
}

function isManager({ kind, enabled, passwordHash, roles }: UserEntity): boolean {
  return kind === 'PERSON' && enabled && passwordHash !== null && roles.includes('SYSTEM_MANAGER');
}
