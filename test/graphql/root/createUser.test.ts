import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aPerson } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { trailOf } from '../../support/trail.js';
import { hostileNames, itNamesProblems, itRefusesTypes, MEGABYTE } from './bad-input.js';
import { itIsIdempotent } from './idempotency.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';

const CREATE = {
  field: 'createUser',
  inputType: 'CreateUserInput',
  entity: 'user',
  action: 'USER_CREATED',
  selection: 'user { id name email kind roles enabled lastLoginAt createdAt updatedAt }',
};

describe('createUser', () => {
  let hub: TestHub;
  let callers: Callers;

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
  });
  afterAll(() => hub.stop());

  it('makes a person, who can log in', async () => {
    const input = aPerson({ roles: ['MEMBER', 'AUDITOR', 'MEMBER'] });

    const { user } = await mutate(callers.manager, CREATE, input);

    expect(user).toEqual({
      id: expect.stringMatching(/^usr_/),
      name: input.name,
      email: input.email,
      kind: 'PERSON',
      roles: ['AUDITOR', 'MEMBER'],
      enabled: true,
      lastLoginAt: null,
      createdAt: user.updatedAt,
      updatedAt: user.createdAt,
    });
    const ask = hub.as(await hub.login({ email: input.email.toUpperCase(), password: String(input['password']) }));
    expect((await ask('{ viewer { id } }')).data.viewer).toEqual({ id: user.id });
  });

  it('makes a service user, without address and password', async () => {
    const { user } = await mutate(callers.manager, CREATE, { kind: 'SERVICE', name: 'Nightly', roles: ['MEMBER'] });

    expect(user).toMatchObject({ kind: 'SERVICE', name: 'Nightly', email: null });
  });

  it('makes a person who may not log in yet', async () => {
    const input = aPerson({ enabled: false });
    const { user } = await mutate(callers.manager, CREATE, input);

    expect(user.enabled).toBe(false);
    await expect(hub.login({ email: input.email, password: String(input['password']) })).rejects.toThrow('INVALID');
  });

  it('tells the audit trail, without the password', async () => {
    const input = aPerson();
    const { user } = await mutate(callers.manager, CREATE, input);

    const trail = await trailOf(callers.auditor, user.id);

    expect(trail).toMatchObject([
      {
        action: 'USER_CREATED',
        actor: { id: callers.ids.manager },
        detail: { name: input.name, email: input.email, kind: 'PERSON', roles: ['MEMBER'], enabled: true },
      },
    ]);
    expect(JSON.stringify(trail)).not.toContain(String(input['password']));
  });

  it('lets one of many callers who want the same address have it', async () => {
    const payloads = await Promise.all(
      ['wanted@example.com', 'Wanted@example.com', 'WANTED@EXAMPLE.COM'].map((email) =>
        mutate(callers.manager, CREATE, aPerson({ email })),
      ),
    );

    expect(payloads.filter(({ user }) => user)).toHaveLength(1);
    expect(payloads.flatMap(({ userErrors }) => userErrors.map(({ code, field }: any) => [code, field]))).toEqual([
      ['TAKEN', ['email']],
      ['TAKEN', ['email']],
    ]);
  });

  itRefuses(() => callers, MANAGERS_ONLY, {
    kind: 'mutation',
    definitions: '$input: CreateUserInput!',
    selection: 'createUser(input: $input) { user { id } userErrors { code } }',
    variables: () => ({ input: aPerson() }),
  });

  itIsIdempotent(
    () => ({ hub, callers }),
    CREATE,
    () => aPerson(),
    { roles: [] },
    async (id) => {
      await callers.manager('mutation ($id: ID!) { deleteUser(input: { id: $id }) { deletedId } }', { id });
    },
  );

  itNamesProblems(() => callers, CREATE, aPerson, [
    ...hostileNames('name'),
    ['no roles', { roles: [] }, 'REQUIRED', ['roles']],
    ['a person without address', { email: null }, 'REQUIRED', ['email']],
    ['a person without password', { password: null }, 'REQUIRED', ['password']],
    ['a service with an address', { kind: 'SERVICE', password: null }, 'INVALID', ['email']],
    ['a service with a password', { kind: 'SERVICE', email: null }, 'INVALID', ['password']],
    ['a short password', { password: 'eleven char' }, 'INVALID', ['password']],
    ['a password that is too long', { password: 'x'.repeat(201) }, 'INVALID', ['password']],
    ['a password of 1 MB', { password: MEGABYTE }, 'INVALID', ['password']],
    ['a password with a lone surrogate', { password: 'twelve chars\ud800' }, 'INVALID', ['password']],
    ['a password that is the name', { name: 'Lady Lovelace', password: 'lady lovelace' }, 'INVALID', ['password']],
    ['a long address', { email: `${'x'.repeat(250)}@example.com` }, 'INVALID', ['email']],
    ['an address that is taken', { email: 'manager@example.com' }, 'TAKEN', ['email']],
    ['an idempotency key of 1 MB', { idempotencyKey: MEGABYTE }, 'INVALID', ['idempotencyKey']],
  ]);

  itRefusesTypes(() => callers, CREATE, aPerson, [
    ['no name', { name: null }, 'input.name'],
    ['an address without a host', { email: 'somebody' }, 'input.email'],
    ['an address with a null byte', { email: 'a\0@example.com' }, 'input.email'],
    ['an unknown role', { roles: ['ROOT'] }, 'input.roles[0]'],
    ['an unknown kind', { kind: 'ROBOT' }, 'input.kind'],
    ['null for a switch', { enabled: null }, 'input.enabled'],
  ]);
});
