import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { UserError } from '../../src/errors.js';
import type { UserEntity } from '../../src/user/user.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { contextOf, People } from './people.js';

const ROUNDS = 12;

type Removal = (people: People, manager: UserEntity) => Promise<unknown>;

const removals: { how: string; remove: Removal }[] = [
  { how: 'disabled', remove: (people, { id }) => people.change.update(contextOf(null), { id, enabled: false }) },
  { how: 'demoted', remove: (people, { id }) => people.change.update(contextOf(null), { id, roles: ['MEMBER'] }) },
  { how: 'deleted', remove: (people, { id }) => people.deletion.delete(contextOf(null), { id }) },
];

function wayOf(turn: number): Removal {
  const [first, ...others] = removals.map((each) => each.remove) as [Removal, ...Removal[]];
  return others[(turn % removals.length) - 1] ?? first;
}

describeEachDatabase('the last System Manager', (testDatabase) => {
  let here: People;
  let there: People;

  beforeAll(async () => {
    const url = await testDatabase.freshUrl();
    here = await People.open(url);
    there = await here.replica(url);
  });
  afterAll(async () => {
    await here.close();
    if (there.database !== here.database) await there.close();
  });

  /** Leaves these managers alone in the hub. */
  const onlyManagers = async (count: number): Promise<UserEntity[]> => {
    const made = await Promise.all(Array.from({ length: count }, () => here.manager()));
    const { rows } = await here.users.page(
      { roles: ['SYSTEM_MANAGER'] },
      { first: 100 },
      { column: 'id', direction: 'ASC' },
    );
    for (const each of rows.filter((row) => made.every(({ id }) => id !== row.id))) {
      await here.unitOfWork.run((tx) => here.users.delete(tx, each));
    }
    return made;
  };

  const managersLeft = async (): Promise<number> =>
    (await here.users.page({ roles: ['SYSTEM_MANAGER'], enabled: true }, {}, { column: 'id', direction: 'ASC' })).rows
      .length;

  it.each(removals)('cannot be $how', async ({ remove }) => {
    const [last] = (await onlyManagers(1)) as [UserEntity];
    await here.person();
    await here.manager({ enabled: false });
    await here.manager({ kind: 'SERVICE', email: null, password: null });

    const refusal = await remove(here, last).catch((error: unknown) => error);

    expect(refusal).toBeInstanceOf(UserError);
    expect(refusal).toMatchObject({ code: 'IN_USE', problems: [{ field: ['id'] }] });
    expect(await here.users.findById(last.id)).toEqual(last);
    expect(await here.trail(last.id)).toHaveLength(1);
  });

  it.each(removals)('can be $how once there is another', async ({ remove }) => {
    const [manager] = (await onlyManagers(2)) as [UserEntity];

    await remove(here, manager);

    expect(await managersLeft()).toBe(1);
  });

  it('can be renamed, and given more roles', async () => {
    const [{ id }] = (await onlyManagers(1)) as [UserEntity];

    const changed = await here.change.update(contextOf(null), {
      id,
      name: 'Root',
      roles: ['SYSTEM_MANAGER', 'AUDITOR'],
    });

    expect(changed).toMatchObject({ name: 'Root', roles: ['SYSTEM_MANAGER', 'AUDITOR'] });
  });

  it('stays when several managers go at the same time on several replicas', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const managers = await onlyManagers(4);

      const results = await Promise.allSettled(
        managers.map((manager, index) => wayOf(index + round)(index % 2 === 0 ? here : there, manager)),
      );

      const refusals = results.filter((each) => each.status === 'rejected').map((each) => each.reason as unknown);
      expect(refusals).toEqual([expect.objectContaining({ code: 'IN_USE' })]);
      expect(await managersLeft()).toBe(1);
    }
  });
});
