import { Brackets, In, IsNull, Not, type SelectQueryBuilder } from 'typeorm';
import type { Clock } from '../database/clock.js';
import type { Database, Reader } from '../database/database.js';
import { forUpdate } from '../database/dialect.js';
import { whereNameBegins } from '../database/name-prefix.js';
import { fetchPage, type Page, type PageRequest, type Sort } from '../database/page.js';
import type { Transaction } from '../database/unit-of-work.js';
import { updateVersioned } from '../database/versioned-update.js';
import { nameKey } from '../name-key.js';
import type { Role, UserKind } from './role.js';
import { UserEntity } from './user.entity.js';

/** What must hold of each user in a list; null and left out ask nothing. */
export interface UserFilter {
  id?: string | null;
  /** Beginning of the name. */
  search?: string | null;
  /** At least one of these. */
  roles?: readonly Role[] | null;
  kinds?: readonly UserKind[] | null;
  enabled?: boolean | null;
}

type NewUser = Omit<UserEntity, 'lastLoginAt' | 'createdAt' | 'updatedAt' | 'version'>;

export class UserRepository {
  constructor(
    private readonly database: Pick<Database, 'manager' | 'dialect'>,
    private readonly clock: Clock,
  ) {}

  findById(id: string, reader: Reader = this.database): Promise<UserEntity | null> {
    return reader.manager.findOneBy(UserEntity, { id });
  }

  /** Until the commit nobody changes the user, and nothing new is his. */
  findLocked(tx: Transaction, id: string): Promise<UserEntity | null> {
    return tx.manager.findOne(UserEntity, { where: { id }, ...forUpdate(this.database.dialect) });
  }

  findByIds(ids: readonly string[]): Promise<UserEntity[]> {
    return this.database.manager.findBy(UserEntity, { id: In([...ids]) });
  }

  findByEmail(email: string): Promise<UserEntity | null> {
    return this.database.manager.findOneBy(UserEntity, { emailKey: nameKey(email) });
  }

  hasAny(reader: Reader = this.database): Promise<boolean> {
    return reader.manager.exists(UserEntity);
  }

  page(filter: UserFilter, request: PageRequest, sort: Sort<UserEntity>): Promise<Page<UserEntity>> {
    const query = this.database.manager.createQueryBuilder(UserEntity, 'user');
    whereNameBegins(query, filter.search);
    if (filter.id != null) query.andWhere({ id: filter.id });
    if (filter.kinds) query.andWhere({ kind: In([...filter.kinds]) });
    if (filter.enabled != null) query.andWhere({ enabled: filter.enabled });
    if (filter.roles) whereHasRole(query, filter.roles);
    return fetchPage(query, request, sort);
  }

  /** System Managers who can log in, that user aside. */
  countOtherManagers(tx: Transaction, exceptId: string): Promise<number> {
    const query = tx.manager
      .createQueryBuilder(UserEntity, 'user')
      .where({ id: Not(exceptId), kind: 'PERSON', enabled: true, passwordHash: Not(IsNull()) });
    whereHasRole(query, ['SYSTEM_MANAGER']);
    return query.getCount();
  }

  /** @throws a unique violation when the e-mail address is taken */
  async insert(tx: Transaction, user: NewUser): Promise<UserEntity> {
    const now = this.clock.now();
    const row = Object.assign(new UserEntity(), user, {
      lastLoginAt: null,
      createdAt: now,
      updatedAt: now,
      version: 1,
    });
    await tx.manager.insert(UserEntity, row);
    return row;
  }

  /**
   * @throws UserError CONFLICT when the row has changed since it was read
   * @throws a unique violation when the e-mail address is taken
   */
  update(tx: Transaction, row: UserEntity, changes: Partial<UserEntity>): Promise<UserEntity> {
    return updateVersioned(tx, UserEntity, row, changes, this.clock.now());
  }

  /**
   * Notes a login, unless the user was disabled or got another password since `user` was read.
   *
   * @returns the user as he stands now; undefined when the login does not hold
   */
  async recordLogin(tx: Transaction, user: UserEntity): Promise<UserEntity | undefined> {
    const { id, passwordHash } = user;
    const lastLoginAt = this.clock.now();
    const { affected } = await tx.manager.update(
      UserEntity,
      { id, enabled: true, passwordHash: passwordHash ?? IsNull() },
      { lastLoginAt },
    );
    return affected === 1 ? { ...user, lastLoginAt } : undefined;
  }

  /** @returns false when the row has changed since it was read */
  async delete(tx: Transaction, { id, version }: UserEntity): Promise<boolean> {
    const { affected } = await tx.manager.delete(UserEntity, { id, version });
    return affected === 1;
  }
}

/** Roles are stored as a comma separated list. */
function whereHasRole(query: SelectQueryBuilder<UserEntity>, roles: readonly Role[]): void {
  const column = `${query.alias}.roles`;
  query.andWhere(
    new Brackets((any) => {
      any.where('1 = 0');
      for (const [index, role] of [...new Set(roles)].entries()) {
        const name = role.replaceAll('_', '!_');
        any.orWhere(`${column} = :role${index}`, { [`role${index}`]: role });
        for (const [at, pattern] of [`${name},%`, `%,${name},%`, `%,${name}`].entries()) {
          any.orWhere(`${column} LIKE :role${index}At${at} ESCAPE '!'`, { [`role${index}At${at}`]: pattern });
        }
      }
    }),
  );
}
