import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { RateLimitedError, type UserError } from '../../src/errors.js';
import type { UserEntity } from '../../src/user/user.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { contextOf, PASSWORD, People } from './people.js';

const NEW_PASSWORD = 'another made up one';

describeEachDatabase('changing passwords', (testDatabase) => {
  let people: People;
  let manager: UserEntity;

  beforeAll(async () => {
    people = await People.open(await testDatabase.freshUrl());
    manager = await people.manager();
  });
  afterAll(() => people.close());

  const knows = async ({ id }: UserEntity, password: string): Promise<boolean> =>
    people.hasher.verify((await people.users.findById(id))?.passwordHash ?? null, password);

  it("sets one's own, given the current one", async () => {
    const ada = await people.person();

    const changed = await people.passwords.change(contextOf(ada), {
      currentPassword: PASSWORD,
      newPassword: NEW_PASSWORD,
    });

    expect(changed).toMatchObject({ id: ada.id, version: 2 });
    expect([await knows(ada, PASSWORD), await knows(ada, NEW_PASSWORD)]).toEqual([false, true]);
    const trail = await people.trail(ada.id);
    expect(trail.at(-1)).toMatchObject({ action: 'PASSWORD_CHANGED', actorId: ada.id, success: true });
    expect(JSON.stringify(trail)).not.toContain(NEW_PASSWORD);
  });

  it.each([
    { currentPassword: 'a wrong password', code: 'INVALID' },
    { currentPassword: '', code: 'INVALID' },
    { currentPassword: null, code: 'REQUIRED' },
    { code: 'REQUIRED' },
  ])("leaves one's own when the current one is $currentPassword", async ({ code, ...given }) => {
    const change = people.passwords.change(contextOf(manager), { id: manager.id, newPassword: NEW_PASSWORD, ...given });

    await expect(change).rejects.toMatchObject({ problems: [{ code, field: ['currentPassword'] }] });
    expect(await knows(manager, PASSWORD)).toBe(true);
  });

  it('tells of attempts with a wrong current one, and stops them', async () => {
    const ada = await people.person();
    const change = () =>
      people.passwords.change(contextOf(ada), { currentPassword: 'guess', newPassword: NEW_PASSWORD });
    const attempts = await Promise.allSettled(Array.from({ length: 9 }, change));

    const refusals = attempts.map((each) => (each.status === 'rejected' ? (each.reason as unknown) : undefined));
    expect(refusals.filter((error) => error instanceof RateLimitedError)).toHaveLength(4);
    const failures = (await people.trail(ada.id)).filter((event) => !event.success);
    expect(failures.map((event) => event.action)).toEqual(Array.from({ length: 5 }, () => 'PASSWORD_CHANGED'));
  });

  it('sets that of others for a System Manager, without the current one', async () => {
    const ada = await people.person();

    await people.passwords.change(contextOf(manager), { id: ada.id, newPassword: NEW_PASSWORD });

    expect(await knows(ada, NEW_PASSWORD)).toBe(true);
    expect((await people.trail(ada.id)).at(-1)).toMatchObject({ action: 'PASSWORD_CHANGED', actorId: manager.id });
  });

  it('gives a member no way to tell foreign users from unknown ones', async () => {
    const [ada, grace] = [await people.person(), await people.person({ roles: ['AUDITOR'] })];
    const ids = [ada.id, 'usr_01ARZ3NDEKTSV4RRFFQ69G5FAV', 'nonsense'];

    const errors = await Promise.all(
      ids.map((id) =>
        people.passwords
          .change(contextOf(grace), { id, currentPassword: PASSWORD, newPassword: NEW_PASSWORD })
          .catch((error: unknown) => (error as UserError).problems),
      ),
    );

    expect(errors[0]).toMatchObject([{ code: 'NOT_FOUND', field: ['id'] }]);
    expect(errors).toEqual([errors[0], errors[0], errors[0]]);
    expect(await knows(ada, PASSWORD)).toBe(true);
  });

  it('refuses a password that is the address itself', async () => {
    const ada = await people.person();
    const change = people.passwords.change(contextOf(manager), { id: ada.id, newPassword: ada.email ?? '' });

    await expect(change).rejects.toMatchObject({ problems: [{ code: 'INVALID', field: ['newPassword'] }] });
  });

  it('gives no password to a service user', async () => {
    const robot = await people.person({ kind: 'SERVICE', email: null, password: null });
    const change = people.passwords.change(contextOf(manager), { id: robot.id, newPassword: NEW_PASSWORD });

    await expect(change).rejects.toMatchObject({ problems: [{ code: 'NOT_SUPPORTED', field: ['id'] }] });
  });
});
