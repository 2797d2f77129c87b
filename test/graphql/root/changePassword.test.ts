import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { savePerson } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { type Ask, TestHub } from '../../support/hub.js';
import { trailOf } from '../../support/trail.js';
import { itNamesProblems, itRefusesTypes, MEGABYTE, unknownIdRows } from './bad-input.js';
import { itRefuses, mutate, SIGNED_IN_ONLY } from './root-field.js';

const CHANGE = {
  field: 'changePassword',
  inputType: 'ChangePasswordInput',
  entity: 'user',
  selection: 'user { id email }',
};
const NEW = 'a new, not real password';

describe('changePassword', () => {
  let hub: TestHub;
  let callers: Callers;
  let person: { id: string; name: string; email: string; password: string };
  let own: Ask;

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
  });
  beforeEach(async () => {
    person = await savePerson(callers.manager);
    own = hub.as(await hub.login(person));
  });
  afterAll(() => hub.stop());

  it('changes the own password and ends every other session', async () => {
    const elsewhere = hub.as(await hub.login(person));

    const payload = await mutate(own, CHANGE, { currentPassword: person.password, newPassword: NEW });

    expect(payload).toEqual({ user: { id: person.id, email: person.email }, userErrors: [] });
    expect((await own('{ viewer { id } }')).data.viewer).toEqual({ id: person.id });
    expect((await elsewhere('{ viewer { id } }')).status).toBe(401);
    await expect(hub.login(person)).rejects.toThrow('INVALID');
    await expect(hub.login({ ...person, password: NEW })).resolves.toEqual(expect.any(String));
  });

  it('lets a System Manager set the password of another without knowing the old one', async () => {
    const payload = await mutate(callers.manager, CHANGE, { id: person.id, newPassword: NEW });

    expect(payload.user.id).toBe(person.id);
    expect((await own('{ viewer { id } }')).status).toBe(401);
    await expect(hub.login({ ...person, password: NEW })).resolves.toEqual(expect.any(String));
  });

  it('tells the audit trail of success and of a wrong guess, without the passwords', async () => {
    await mutate(own, CHANGE, { currentPassword: 'a wrong password', newPassword: NEW });
    await mutate(own, CHANGE, { currentPassword: person.password, newPassword: NEW });

    const trail = (await trailOf(callers.auditor, person.id)).filter(({ action }) => action === 'PASSWORD_CHANGED');

    expect(trail).toMatchObject([
      { success: false, actor: { id: person.id } },
      { success: true, actor: { id: person.id }, detail: { endedSessions: 0 } },
    ]);
    for (const password of [NEW, person.password, 'a wrong password']) {
      expect(JSON.stringify(trail)).not.toContain(password);
    }
  });

  it.each(['member', 'auditor'] as const)('hides from the %s whether another user is there', async (caller) => {
    const toAnother = await mutate(callers[caller], CHANGE, { id: person.id, newPassword: NEW });
    const toNobody = await mutate(callers[caller], CHANGE, { id: 'usr_01KAAAAAAAAAAAAAAAAAAAAAAA', newPassword: NEW });

    expect(toAnother).toEqual(toNobody);
    expect(toAnother.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['id'] }]);
    await expect(hub.login(person)).resolves.toEqual(expect.any(String));
  });

  it('slows guessing of the current password down', async () => {
    const guess = () =>
      own('mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }', {
        input: { currentPassword: 'a wrong password', newPassword: NEW },
      });
    for (let guesses = 0; guesses < 5; guesses += 1) await guess();

    const { data, errors } = await guess();

    expect(data.changePassword).toBeNull();
    expect(errors).toMatchObject([
      { path: ['changePassword'], extensions: { code: 'RATE_LIMITED', retryAt: expect.stringMatching(/Z$/) } },
    ]);
  });

  itRefuses(() => callers, SIGNED_IN_ONLY, {
    kind: 'mutation',
    definitions: '$input: ChangePasswordInput!',
    selection: 'changePassword(input: $input) { user { id } userErrors { code } }',
    variables: () => ({ input: { id: person.id, newPassword: NEW } }),
  });

  itNamesProblems(
    () => callers,
    CHANGE,
    () => ({ id: person.id, newPassword: NEW }),
    [
      ...unknownIdRows('id', 'usr'),
      ['a short password', { newPassword: 'eleven char' }, 'INVALID', ['newPassword']],
      ['blanks for a password', { newPassword: ' '.repeat(20) }, 'INVALID', ['newPassword']],
      ['a password of 1 MB', { newPassword: MEGABYTE }, 'INVALID', ['newPassword']],
      ['a password with a null byte', { newPassword: 'twelve chars\0' }, 'INVALID', ['newPassword']],
      ['a password with a lone surrogate', { newPassword: 'twelve chars\ud800' }, 'INVALID', ['newPassword']],
      ['a current password of 1 MB', { currentPassword: MEGABYTE }, 'INVALID', ['currentPassword']],
      ['the address for a password', () => ({ newPassword: person.email }), 'INVALID', ['newPassword']],
      ['no current password for the own', { id: null }, 'REQUIRED', ['currentPassword']],
    ],
  );

  it('refuses a wrong current password', async () => {
    const payload = await mutate(own, CHANGE, { currentPassword: 'a wrong password', newPassword: NEW });

    expect(payload).toMatchObject({ user: null, userErrors: [{ code: 'INVALID', field: ['currentPassword'] }] });
  });

  itRefusesTypes(
    () => callers,
    CHANGE,
    () => ({ newPassword: NEW }),
    [
      ['no password', { newPassword: null }, 'input.newPassword'],
      ['a number for a password', { newPassword: 123456789012 }, 'input.newPassword'],
    ],
  );
});
