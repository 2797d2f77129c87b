import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { validate } from 'class-validator';
import { LoginInput } from '../../src/session/session.input.js';
import { ChangePasswordInput, CreateUserInput, UpdateUserInput } from '../../src/user/user.input.js';

/** Fields that validation refuses, as the GraphQL edge asks it. */
async function refused(input: object): Promise<string[]> {
  const faults = await validate(input, { skipMissingProperties: true, forbidUnknownValues: false });
  return faults.map((fault) => fault.property);
}

describe('inputs about users', () => {
  it.each([
    { field: 'name', value: 'Ada' },
    { field: 'name', value: 'x'.repeat(200) },
    { field: 'email', value: `${'x'.repeat(242)}@example.com` },
    { field: 'password', value: 'x'.repeat(12) },
    { field: 'password', value: 'x'.repeat(200) },
    { field: 'password', value: null },
    { field: 'idempotencyKey', value: 'key' },
  ])('take $field (case %#)', async ({ field, value }) => {
    expect(await refused(Object.assign(new CreateUserInput(), { [field]: value }))).toEqual([]);
  });

  it.each([
    { field: 'name', value: '' },
    { field: 'name', value: '   ' },
    { field: 'name', value: 'a\u0000b' },
    { field: 'name', value: 'x'.repeat(201) },
    { field: 'name', value: '\ud800' },
    { field: 'email', value: `${'x'.repeat(250)}@example.com` },
    { field: 'password', value: 'x'.repeat(11) },
    { field: 'password', value: ' '.repeat(20) },
    { field: 'password', value: 'x'.repeat(201) },
    { field: 'password', value: `line\nbreak in the middle` },
    { field: 'idempotencyKey', value: 'x'.repeat(1_000_000) },
  ])('refuse $field (case %#)', async ({ field, value }) => {
    expect(await refused(Object.assign(new CreateUserInput(), { [field]: value }))).toEqual([field]);
  });

  it('hold updates and password changes to the same rules', async () => {
    const update = Object.assign(new UpdateUserInput(), { id: 'id', name: ' ', email: 'x'.repeat(255) });
    const change = Object.assign(new ChangePasswordInput(), {
      currentPassword: 'x'.repeat(1_001),
      newPassword: 'short',
    });

    expect(await refused(update)).toEqual(['name', 'email']);
    expect(await refused(change)).toEqual(['currentPassword', 'newPassword']);
  });

  it('leave it to the hash whether a password at login is right', async () => {
    const login = (password: string) => Object.assign(new LoginInput(), { email: 'ada@example.com', password });

    expect(await refused(login(''))).toEqual([]);
    expect(await refused(login('short'))).toEqual([]);
    expect(await refused(login('x'.repeat(1_001)))).toEqual(['password']);
  });
});
