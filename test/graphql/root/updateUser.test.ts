import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { savePerson } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { trailOf } from '../../support/trail.js';
import { hostileNames, itNamesProblems, itRefusesTypes, unknownIdRows } from './bad-input.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';

const UPDATE = {
  field: 'updateUser',
  inputType: 'UpdateUserInput',
  entity: 'user',
  selection: 'user { id name email kind roles enabled createdAt updatedAt }',
};

describe('updateUser', () => {
  let hub: TestHub;
  let callers: Callers;
  let person: { id: string; name: string; email: string; password: string };

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
  });
  beforeEach(async () => {
    person = await savePerson(callers.manager);
  });
  afterAll(() => hub.stop());

  it('changes what is given and keeps the rest', async () => {
    const { user } = await mutate(callers.manager, UPDATE, { id: person.id, name: 'Renamed', roles: ['AUDITOR'] });

    expect(user).toMatchObject({
      id: person.id,
      name: 'Renamed',
      email: person.email,
      kind: 'PERSON',
      roles: ['AUDITOR'],
      enabled: true,
    });
    expect(Date.parse(user.updatedAt)).toBeGreaterThan(Date.parse(user.createdAt));
  });

  it('moves the login to a new address', async () => {
    const email = `moved-${person.email}`;

    await mutate(callers.manager, UPDATE, { id: person.id, email });

    await expect(hub.login({ ...person, email })).resolves.toEqual(expect.any(String));
    await expect(hub.login(person)).rejects.toThrow('INVALID');
  });

  it('gives new roles and takes old ones with the next request', async () => {
    const ask = hub.as(await hub.login(person));
    const mayList = async () => (await ask('{ users { totalCount } }')).data.users.totalCount > 1;

    const before = await mayList();
    await mutate(callers.manager, UPDATE, { id: person.id, roles: ['AUDITOR'] });
    const between = await mayList();
    await mutate(callers.manager, UPDATE, { id: person.id, roles: ['MEMBER'] });

    expect([before, between, await mayList()]).toEqual([false, true, false]);
  });

  it('throws out who is switched off, with the next request', async () => {
    const ask = hub.as(await hub.login(person));

    await mutate(callers.manager, UPDATE, { id: person.id, enabled: false });

    expect(await ask('{ viewer { id } }')).toMatchObject({
      status: 401,
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    await expect(hub.login(person)).rejects.toThrow('INVALID');
  });

  it('tells the audit trail', async () => {
    await mutate(callers.manager, UPDATE, { id: person.id, name: 'Renamed', enabled: false });

    expect((await trailOf(callers.auditor, person.id)).at(-1)).toMatchObject({
      action: 'USER_UPDATED',
      actor: { id: callers.ids.manager },
      detail: { name: 'Renamed', enabled: false },
    });
  });

  it('does nothing when nothing changes', async () => {
    const { user } = await mutate(callers.manager, UPDATE, { id: person.id, name: person.name, roles: ['MEMBER'] });

    expect(user.updatedAt).toBe(user.createdAt);
    expect(await trailOf(callers.manager, person.id)).toHaveLength(1);
  });

  it.each([
    ['switched off', { enabled: false }],
    ['demoted', { roles: ['AUDITOR'] }],
  ])('refuses to have the last System Manager %s', async (_what, change) => {
    const payload = await mutate(callers.manager, UPDATE, { id: callers.ids.manager, ...change });

    expect(payload).toEqual({
      user: null,
      userErrors: [{ code: 'IN_USE', field: ['id'], message: expect.stringContaining('last System Manager') }],
    });
  });

  itRefuses(() => callers, MANAGERS_ONLY, {
    kind: 'mutation',
    definitions: '$input: UpdateUserInput!',
    selection: 'updateUser(input: $input) { user { id } userErrors { code } }',
    variables: () => ({ input: { id: person.id, roles: ['SYSTEM_MANAGER'] } }),
  });

  it('does not let a member empower himself', async () => {
    const { data, errors } = await callers.member(
      'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { roles } } }',
      { input: { id: callers.ids.member, roles: ['SYSTEM_MANAGER'] } },
    );

    expect(data.updateUser).toBeNull();
    expect(errors).toMatchObject([{ path: ['updateUser'], extensions: { code: 'FORBIDDEN' } }]);
  });

  itNamesProblems(
    () => callers,
    UPDATE,
    () => ({ id: person.id }),
    [
      ...unknownIdRows('id', 'usr'),
      ...hostileNames('name'),
      ['no roles', { roles: [] }, 'REQUIRED', ['roles']],
      ['an address that is taken', { email: 'Manager@Example.com' }, 'TAKEN', ['email']],
      ['a long address', { email: `${'x'.repeat(250)}@example.com` }, 'INVALID', ['email']],
    ],
  );

  itRefusesTypes(
    () => callers,
    UPDATE,
    () => ({ id: person.id }),
    [
      ['no id', { id: null }, 'input.id'],
      ['a new password', { password: 'not a real password' }, '"password" is not defined'],
      ['an address without a host', { email: 'somebody' }, 'input.email'],
      ['an unknown role', { roles: ['ROOT'] }, 'input.roles[0]'],
    ],
  );
});
