import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { BadInputError } from '../../src/errors.js';
import type { Role } from '../../src/user/role.js';
import type { UserEntity } from '../../src/user/user.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { contextOf, People } from './people.js';

const BY_NAME = { column: 'nameKey', direction: 'ASC' } as const;

describeEachDatabase('reading users', (testDatabase) => {
  let people: People;
  let users: Record<Role, UserEntity>;

  beforeAll(async () => {
    people = await People.open(await testDatabase.freshUrl());
    users = {
      SYSTEM_MANAGER: await people.person({ name: 'Manager', roles: ['SYSTEM_MANAGER'] }),
      AUDITOR: await people.person({ name: 'Auditor', roles: ['AUDITOR'] }),
      MEMBER: await people.person({ name: 'Member', roles: ['MEMBER'] }),
    };
  });
  afterAll(() => people.close());

  const listed = async (who: UserEntity | null, search?: string): Promise<string[]> =>
    (await people.reads.page(contextOf(who), { search: search ?? null }, {}, BY_NAME)).rows.map((user) => user.name);

  it.each<{ role: Role; seen: string[] }>([
    { role: 'SYSTEM_MANAGER', seen: ['Auditor', 'Manager', 'Member'] },
    { role: 'AUDITOR', seen: ['Auditor', 'Manager', 'Member'] },
    { role: 'MEMBER', seen: ['Member'] },
  ])('shows $role in a list: $seen', async ({ role, seen }) => {
    expect(await listed(users[role])).toEqual(seen);
  });

  it('counts for a member himself only, and finds him only by his own name', async () => {
    const page = await people.reads.page(contextOf(users.MEMBER), { id: users.AUDITOR.id }, {}, BY_NAME);

    expect(await page.count()).toBe(1);
    expect(await listed(users.MEMBER, 'Mem')).toEqual(['Member']);
    expect(await listed(users.MEMBER, 'Aud')).toEqual([]);
  });

  it('shows nobody to nobody, and still checks what was asked', async () => {
    expect(await listed(null)).toEqual([]);
    expect(() => people.reads.page(contextOf(null), {}, { first: -1 }, BY_NAME)).toThrow(BadInputError);
  });

  it.each<{ role: Role; target: Role; seen: boolean }>([
    { role: 'SYSTEM_MANAGER', target: 'MEMBER', seen: true },
    { role: 'AUDITOR', target: 'MEMBER', seen: true },
    { role: 'MEMBER', target: 'MEMBER', seen: true },
    { role: 'MEMBER', target: 'AUDITOR', seen: false },
  ])('lets $role see $target by id: $seen', async ({ role, target, seen }) => {
    const found = await people.reads.find(contextOf(users[role]), users[target].id);

    expect(found?.id ?? null).toBe(seen ? users[target].id : null);
  });

  it.each(['usr_01ARZ3NDEKTSV4RRFFQ69G5FAV', 'nonsense', '', '\u0000'])('finds nobody by the id %p', async (id) => {
    expect(await people.reads.find(contextOf(users.SYSTEM_MANAGER), id)).toBeNull();
  });

  it('does not take an id with blanks behind it for the id', async () => {
    expect(await people.reads.find(contextOf(users.SYSTEM_MANAGER), `${users.MEMBER.id} `)).toBeNull();
  });

  it('tells a caller who he is', async () => {
    expect((await people.reads.viewer(contextOf(users.MEMBER)))?.id).toBe(users.MEMBER.id);
    expect(await people.reads.viewer(contextOf(null))).toBeNull();
    expect(await people.reads.viewer(contextOf({ id: null, name: 'hub', roles: [] }))).toBeNull();
  });
});
