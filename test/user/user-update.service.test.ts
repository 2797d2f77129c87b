import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { UserEntity } from '../../src/user/user.entity.js';
import type { UpdateUserInput } from '../../src/user/user.input.js';
import { describeEachDatabase } from '../support/databases.js';
import { contextOf, People } from './people.js';

describeEachDatabase('updating users', (testDatabase) => {
  let people: People;
  let manager: UserEntity;

  beforeAll(async () => {
    people = await People.open(await testDatabase.freshUrl());
    manager = await people.manager();
  });
  afterAll(() => people.close());

  const update = (input: UpdateUserInput) => people.change.update(contextOf(manager), input);

  it('changes what is given, keeps the rest, and tells what changed', async () => {
    const before = await people.person();
    people.clock.nowMs += 1_000;

    const after = await update({ id: before.id, name: 'Grace', roles: ['AUDITOR', 'MEMBER'], email: null });

    expect(after).toEqual({
      ...before,
      name: 'Grace',
      nameKey: 'grace',
      roles: ['AUDITOR', 'MEMBER'],
      version: 2,
      updatedAt: people.clock.now(),
    });
    expect(await people.users.findById(before.id)).toEqual(after);
    const [, event] = await people.trail(before.id);
    expect(event).toMatchObject({ action: 'USER_UPDATED', detail: { name: 'Grace', roles: ['AUDITOR', 'MEMBER'] } });
  });

  it.each<Omit<UpdateUserInput, 'id'>>([
    {},
    { name: null, email: null, roles: null, enabled: null },
    { name: 'Ada', roles: ['MEMBER', 'MEMBER'], enabled: true },
  ])('writes nothing when nothing differs: %p', async (same) => {
    const before = await people.person();

    expect(await update({ id: before.id, ...same })).toEqual(before);
    expect(await people.users.findById(before.id)).toEqual(before);
    expect(await people.trail(before.id)).toHaveLength(1);
  });

  it('can change how a name or address is spelled', async () => {
    const { id, email } = await people.person();

    const changed = await update({ id, name: 'ADA', email: email?.toUpperCase() ?? '' });

    expect(changed).toMatchObject({ name: 'ADA', nameKey: 'ada', email: email?.toUpperCase(), emailKey: email });
  });

  it('refuses an address that another user has', async () => {
    const [one, other] = [await people.person(), await people.person()];

    const refusal = update({ id: one.id, email: other.email?.toUpperCase() ?? '' });

    await expect(refusal).rejects.toMatchObject({ problems: [{ code: 'TAKEN', field: ['email'] }] });
    expect(await people.users.findById(one.id)).toEqual(one);
  });

  it.each(['usr_01ARZ3NDEKTSV4RRFFQ69G5FAV', '', 'nonsense', '\u0000', 'x'.repeat(1_000_000)])(
    'knows no user of another id (case %#)',
    async (id) => {
      await expect(update({ id, name: 'Nobody' })).rejects.toMatchObject({
        problems: [{ code: 'NOT_FOUND', field: ['id'] }],
      });
    },
  );

  it('refuses to take every role away', async () => {
    const { id } = await people.person();

    await expect(update({ id, roles: [] })).rejects.toMatchObject({
      problems: [{ code: 'REQUIRED', field: ['roles'] }],
    });
  });

  it('refuses to give a service user an address', async () => {
    const { id } = await people.person({ kind: 'SERVICE', email: null, password: null });

    const refusal = update({ id, email: 'robot@example.com' });

    await expect(refusal).rejects.toMatchObject({ problems: [{ code: 'INVALID', field: ['email'] }] });
  });

  it('keeps both of two changes that are made at the same time, or refuses one', async () => {
    const { id } = await people.person();

    const results = await Promise.allSettled([update({ id, name: 'Grace' }), update({ id, roles: ['AUDITOR'] })]);

    const after = await people.users.findById(id);
    const won = results.map((each) => each.status === 'fulfilled');
    expect([after?.name === 'Grace', after?.roles.includes('AUDITOR')]).toEqual(won);
    for (const each of results) if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'CONFLICT' });
  });
});
