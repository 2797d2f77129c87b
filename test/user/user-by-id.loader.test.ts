import { describe, expect, it } from '@jest/globals';
import { UserByIdLoader } from '../../src/user/user-by-id.loader.js';
import { UserEntity } from '../../src/user/user.entity.js';
import { UserRepository } from '../../src/user/user.repository.js';
import type { Role } from '../../src/user/role.js';
import { StoppedClock } from './people.js';

class CountingUsers extends UserRepository {
  readonly queries: string[][] = [];

  override async findByIds(ids: readonly string[]): Promise<UserEntity[]> {
    this.queries.push([...ids]);
    return ['usr_b', 'usr_a'].filter((id) => ids.includes(id)).map((id) => Object.assign(new UserEntity(), { id }));
  }
}

const as = (roles: readonly Role[]) => ({ actor: { id: 'usr_a', name: 'Somebody', roles } });

describe('UserByIdLoader', () => {
  it('asks once for all ids of a tick and answers each in its place', async () => {
    const users = new CountingUsers({ manager: undefined as never, dialect: 'sqlite' }, new StoppedClock());
    const loader = new UserByIdLoader(users, as(['AUDITOR']));

    const found = await Promise.all(['usr_a', 'usr_none', 'usr_b', 'usr_a'].map((id) => loader.load(id)));

    expect(found.map((user) => user?.id ?? null)).toEqual(['usr_a', null, 'usr_b', 'usr_a']);
    expect(users.queries).toEqual([['usr_a', 'usr_none', 'usr_b']]);
  });

  it('leaves out whom the caller may not see', async () => {
    const users = new CountingUsers({ manager: undefined as never, dialect: 'sqlite' }, new StoppedClock());
    const loader = new UserByIdLoader(users, as(['MEMBER']));

    const found = await Promise.all(['usr_a', 'usr_b'].map((id) => loader.load(id)));

    expect(found.map((user) => user?.id ?? null)).toEqual(['usr_a', null]);
    expect(users.queries).toEqual([['usr_a']]);
  });
});
