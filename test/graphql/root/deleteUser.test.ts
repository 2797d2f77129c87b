import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { savePerson } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { trailOf } from '../../support/trail.js';
import { itNamesProblems, itRefusesTypes, unknownIdRows } from './bad-input.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';

const DELETE = { field: 'deleteUser', inputType: 'DeleteUserInput', entity: 'deletedId', selection: 'deletedId' };

describe('deleteUser', () => {
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

  it('deletes a user, whose session ends at once', async () => {
    const ask = hub.as(await hub.login(person));

    const payload = await mutate(callers.manager, DELETE, { id: person.id });

    expect(payload).toEqual({ deletedId: person.id, userErrors: [] });
    const { data } = await callers.manager('query ($id: ID!) { user(id: $id) { id } }', { id: person.id });
    expect(data.user).toBeNull();
    expect(await ask('{ viewer { id } }')).toMatchObject({
      status: 401,
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  it('leaves what the user did in the audit trail', async () => {
    const manager = await savePerson(callers.manager, { roles: ['SYSTEM_MANAGER'] });
    const made = await savePerson(hub.as(await hub.login(manager)));

    await mutate(callers.manager, DELETE, { id: manager.id });

    expect(await trailOf(callers.auditor, made.id)).toMatchObject([
      { action: 'USER_CREATED', actor: null, actorName: manager.name },
    ]);
    expect((await trailOf(callers.auditor, manager.id)).at(-1)).toMatchObject({
      action: 'USER_DELETED',
      actor: { id: callers.ids.manager },
      detail: { name: manager.name, email: manager.email, kind: 'PERSON', roles: ['SYSTEM_MANAGER'] },
    });
  });

  it('frees the address', async () => {
    await mutate(callers.manager, DELETE, { id: person.id });

    await expect(savePerson(callers.manager, { email: person.email })).resolves.toHaveProperty('id');
  });

  it('refuses to delete the last System Manager', async () => {
    const payload = await mutate(callers.manager, DELETE, { id: callers.ids.manager });

    expect(payload).toEqual({
      deletedId: null,
      userErrors: [{ code: 'IN_USE', field: ['id'], message: expect.stringContaining('last System Manager') }],
    });
  });

  it('happens once, however many ask at the same time', async () => {
    const payloads = await Promise.all([1, 2, 3].map(() => mutate(callers.manager, DELETE, { id: person.id })));

    expect(payloads.filter(({ deletedId }) => deletedId === person.id)).toHaveLength(1);
    expect((await trailOf(callers.manager, person.id)).map(({ action }) => action)).toEqual([
      'USER_CREATED',
      'USER_DELETED',
    ]);
  });

  itRefuses(() => callers, MANAGERS_ONLY, {
    kind: 'mutation',
    definitions: '$input: DeleteUserInput!',
    selection: 'deleteUser(input: $input) { deletedId userErrors { code } }',
    variables: () => ({ input: { id: person.id } }),
  });

  itNamesProblems(
    () => callers,
    DELETE,
    () => ({}),
    unknownIdRows('id', 'usr'),
  );

  itRefusesTypes(
    () => callers,
    DELETE,
    () => ({ id: person.id }),
    [
      ['no id', { id: null }, 'input.id'],
      ['an unknown field', { cascade: true }, '"cascade" is not defined'],
    ],
  );
});
