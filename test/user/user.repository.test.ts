import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { UserEntity } from '../../src/user/user.entity.js';
import type { UserFilter } from '../../src/user/user.repository.js';
import { describeEachDatabase } from '../support/databases.js';
import { People } from './people.js';

const BY_NAME = { column: 'nameKey', direction: 'ASC' } as const;

describeEachDatabase('the users in the database', (testDatabase) => {
  let people: People;
  let ada: UserEntity;

  beforeAll(async () => {
    people = await People.open(await testDatabase.freshUrl());
    ada = await people.person({ name: 'Ada', roles: ['MEMBER', 'AUDITOR'] });
    await people.person({ name: 'adam', roles: ['SYSTEM_MANAGER'], enabled: false });
    await people.person({ name: 'Ädam', roles: ['MEMBER'] });
    await people.person({ name: '100% Ada', roles: ['MEMBER'] });
    await people.creation.create(
      { requestId: 'request', ip: null, actor: null },
      { kind: 'SERVICE', name: 'Robot', roles: ['AUDITOR', 'MEMBER'], enabled: true },
    );
  });
  afterAll(() => people.close());

  const names = async (filter: UserFilter): Promise<string[]> =>
    (await people.users.page(filter, {}, BY_NAME)).rows.map((user) => user.name);

  it.each<{ filter: UserFilter; found: string[] }>([
    { filter: {}, found: ['100% Ada', 'Ada', 'adam', 'Robot', 'Ädam'] },
    {
      filter: { search: null, roles: null, kinds: null, enabled: null },
      found: ['100% Ada', 'Ada', 'adam', 'Robot', 'Ädam'],
    },
    { filter: { search: 'ADA' }, found: ['Ada', 'adam'] },
    { filter: { search: 'ada ' }, found: ['Ada', 'adam'] },
    { filter: { search: '100%' }, found: ['100% Ada'] },
    { filter: { search: '%' }, found: [] },
    { filter: { search: 'dam' }, found: [] },
    { filter: { search: '\u0000' }, found: [] },
    { filter: { roles: ['MEMBER'] }, found: ['100% Ada', 'Ada', 'Robot', 'Ädam'] },
    { filter: { roles: ['AUDITOR', 'AUDITOR'] }, found: ['Ada', 'Robot'] },
    { filter: { roles: ['SYSTEM_MANAGER', 'AUDITOR'] }, found: ['Ada', 'adam', 'Robot'] },
    { filter: { roles: [] }, found: [] },
    { filter: { kinds: ['SERVICE'] }, found: ['Robot'] },
    { filter: { kinds: ['SERVICE', 'PERSON'], enabled: true, roles: ['AUDITOR'] }, found: ['Ada', 'Robot'] },
    { filter: { kinds: [] }, found: [] },
    { filter: { enabled: false }, found: ['adam'] },
    { filter: { search: 'a', enabled: true }, found: ['Ada'] },
  ])('finds $found by $filter', async ({ filter, found }) => {
    expect(await names(filter)).toEqual(found);
  });

  it('pages through the filtered list in either order and counts all of it', async () => {
    const newestFirst = { column: 'id', direction: 'DESC' } as const;
    const filter = { roles: ['MEMBER' as const] };

    const first = await people.users.page(filter, { first: 3 }, newestFirst);
    const rest = await people.users.page(
      filter,
      { first: 3, after: first.cursorOf(first.rows[2] ?? ada) },
      newestFirst,
    );

    expect([...first.rows, ...rest.rows].map((user) => user.name)).toEqual(['Robot', '100% Ada', 'Ädam', 'Ada']);
    expect([first.hasNext, rest.hasNext]).toEqual([true, false]);
    expect(await first.count()).toBe(4);
  });

  it('finds a person by any spelling of the address', async () => {
    const found = await people.users.findByEmail(` ${ada.email?.toUpperCase()} `);

    expect(found?.id).toBe(ada.id);
  });

  it('gives back what was stored', async () => {
    const found = await people.users.findById(ada.id);

    expect(found).toEqual(ada);
    expect(found).toMatchObject({ kind: 'PERSON', enabled: true, roles: ['AUDITOR', 'MEMBER'], version: 1 });
    expect(found?.createdAt).toEqual(people.clock.now());
  });
});
