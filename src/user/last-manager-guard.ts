import { enterGuard } from '../database/guard.js';
import type { Transaction } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import type { UserEntity } from './user.entity.js';
import type { UserRepository } from './user.repository.js';

const GUARD_NAME = 'system-managers';

/** Keeps one System Manager who can log in, whatever happens at the same time on other replicas. */
export class LastManagerGuard {
  constructor(private readonly users: UserRepository) {}

  /** Makes units of work that decide about the set of managers exclude each other. */
  enter(tx: Transaction): Promise<void> {
    return enterGuard(tx, GUARD_NAME);
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

function isManager({ kind, enabled, passwordHash, roles }: UserEntity): boolean {
  return kind === 'PERSON' && enabled && passwordHash !== null && roles.includes('SYSTEM_MANAGER');
}
