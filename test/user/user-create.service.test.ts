import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { UserError } from '../../src/errors.js';
import { UserEntity } from '../../src/user/user.entity.js';
import type { CreateUserInput } from '../../src/user/user.input.js';
import { describeEachDatabase } from '../support/databases.js';
import { contextOf, PASSWORD, People } from './people.js';

describeEachDatabase('creating users', (testDatabase) => {
  let people: People;
  let manager: UserEntity;

  beforeAll(async () => {
    people = await People.open(await testDatabase.freshUrl());
    manager = await people.manager();
  });
  afterAll(() => people.close());

  const create = (input: CreateUserInput) => people.creation.create(contextOf(manager), input);
  const ada = (given: Partial<CreateUserInput> = {}): CreateUserInput => ({
    kind: 'PERSON',
    name: 'Ada',
    email: 'ada@example.com',
    password: PASSWORD,
    roles: ['MEMBER'],
    enabled: true,
    ...given,
  });

  it('makes a person who can log in, and tells who made him', async () => {
    const user = await create(ada({ email: 'Grace@Example.com', name: ' Grace ' }));

    expect(user).toMatchObject({
      name: 'Grace',
      email: 'Grace@Example.com',
      emailKey: 'grace@example.com',
      enabled: true,
    });
    expect(await people.hasher.verify(user.passwordHash, PASSWORD)).toBe(true);
    const trail = await people.trail(user.id);
    expect(trail).toMatchObject([{ action: 'USER_CREATED', actorId: manager.id, success: true }]);
    expect(JSON.stringify(trail)).not.toContain(PASSWORD);
    expect(JSON.stringify(trail)).not.toContain('argon2');
  });

  it('makes a service user, who has neither address nor password', async () => {
    const user = await create({ kind: 'SERVICE', name: 'Robot', roles: ['MEMBER'], enabled: true });

    expect(user).toMatchObject({ kind: 'SERVICE', email: null, emailKey: null, passwordHash: null });
  });

  it('lets several service users live without an address', async () => {
    const robots = [1, 2].map(() => create({ kind: 'SERVICE', name: 'Robot', roles: ['MEMBER'], enabled: true }));

    await expect(Promise.all(robots)).resolves.toHaveLength(2);
  });

  it.each<{ input: CreateUserInput; problems: [string, string][] }>([
    { input: ada({ email: null }), problems: [['REQUIRED', 'email']] },
    { input: ada({ password: null }), problems: [['REQUIRED', 'password']] },
    {
      input: { kind: 'PERSON', name: 'Ada', roles: [], enabled: true },
      problems: [
        ['REQUIRED', 'email'],
        ['REQUIRED', 'password'],
        ['REQUIRED', 'roles'],
      ],
    },
    {
      input: ada({ kind: 'SERVICE' }),
      problems: [
        ['INVALID', 'email'],
        ['INVALID', 'password'],
      ],
    },
    { input: ada({ password: 'ada@example.com' }), problems: [['INVALID', 'password']] },
    { input: ada({ name: '\ufdfa'.repeat(50) }), problems: [['INVALID', 'name']] },
  ])('refuses what misses $problems', async ({ input, problems }) => {
    const before = await people.database.manager.count(UserEntity);

    const error = (await create(input).catch((each: unknown) => each)) as UserError;

    expect(error.problems.map(({ code, field }) => [code, ...(field ?? [])])).toEqual(problems);
    expect(await people.database.manager.count(UserEntity)).toBe(before);
  });

  it('gives an address to one of those who ask for it at the same time, in whatever spelling', async () => {
    const spellings = ['taken@example.com', 'Taken@example.com', 'TAKEN@example.com', 'taken@Example.com'];

    const results = await Promise.allSettled(spellings.map((email) => create(ada({ email }))));

    const refusals = results.filter((each) => each.status === 'rejected').map((each) => each.reason as unknown);
    expect(refusals).toHaveLength(3);
    for (const refusal of refusals) expect(refusal).toMatchObject({ problems: [{ code: 'TAKEN', field: ['email'] }] });
  });

  it('makes one user however often the same key comes', async () => {
    const input = ada({ email: 'once@example.com', idempotencyKey: 'key-1' });

    const users = await Promise.all([create(input), create({ ...input }), create(input)]);

    expect(new Set(users.map((user) => user.id)).size).toBe(1);
    await expect(create({ ...input, password: 'another password' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
  });

  it('says so when the user of a key was deleted since', async () => {
    const input = ada({ email: 'gone@example.com', idempotencyKey: 'key-2' });
    await people.deletion.delete(contextOf(manager), { id: (await create(input)).id });

    await expect(create(input)).rejects.toMatchObject({ code: 'NOT_FOUND', problems: [{ field: ['idempotencyKey'] }] });
  });

  it('frees the key when the user could not be made', async () => {
    const input = ada({ email: 'grace@example.com', idempotencyKey: 'key-3' });
    await expect(create(input)).rejects.toMatchObject({ code: 'TAKEN' });

    await expect(create({ ...input, email: 'free@example.com' })).resolves.toMatchObject({ email: 'free@example.com' });
  });
});
