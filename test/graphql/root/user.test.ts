import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { savePerson } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { unknownIds } from './bad-input.js';
import { expectBadRequest, itRefuses, SIGNED_IN_ONLY } from './root-field.js';

const USER = 'query ($id: ID!) { user(id: $id) { id name email kind roles enabled lastLoginAt createdAt updatedAt } }';

describe('user', () => {
  let hub: TestHub;
  let callers: Callers;
  let person: { id: string; name: string; email: string; password: string };

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
    person = await savePerson(callers.manager, { roles: ['MEMBER', 'AUDITOR'] });
  });
  afterAll(() => hub.stop());

  it.each(['manager', 'auditor'] as const)('is found by the %s', async (caller) => {
    const { data, errors } = await callers[caller](USER, { id: person.id });

    expect(errors).toEqual([]);
    expect(data.user).toEqual({
      id: person.id,
      name: person.name,
      email: person.email,
      kind: 'PERSON',
      roles: ['AUDITOR', 'MEMBER'],
      enabled: true,
      lastLoginAt: null,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
    });
  });

  it('says when the user last logged in', async () => {
    const other = await savePerson(callers.manager);
    await hub.login(other);

    const { data } = await callers.manager(USER, { id: other.id });

    expect(Date.parse(data.user.lastLoginAt)).toBeGreaterThanOrEqual(Date.parse(data.user.createdAt));
  });

  it('is there for a member when it is himself, and for nobody else', async () => {
    const own = await callers.member(USER, { id: callers.ids.member });
    const another = await callers.member(USER, { id: person.id });
    const nobody = await callers.member(USER, { id: 'usr_01KAAAAAAAAAAAAAAAAAAAAAAA' });

    expect(own.data.user.id).toBe(callers.ids.member);
    expect(another.data).toEqual({ user: null });
    expect([another.data, another.errors]).toEqual([nobody.data, nobody.errors]);
  });

  itRefuses(() => callers, SIGNED_IN_ONLY, {
    kind: 'query',
    definitions: '$id: ID!',
    selection: 'user(id: $id) { id }',
    variables: () => ({ id: person.id }),
  });

  it.each(unknownIds('usr'))('is null for an id that is %s', async (_what, id) => {
    expect(await callers.manager(USER, { id })).toMatchObject({ status: 200, data: { user: null }, errors: [] });
  });

  it('has no field for the password', async () => {
    const { status, data } = await callers.manager('query ($id: ID!) { user(id: $id) { passwordHash } }', {
      id: person.id,
    });

    expect({ status, data }).toEqual({ status: 400, data: undefined });
  });

  it('refuses a request without id', async () => {
    expectBadRequest(await callers.manager(USER), '"$id"');
  });
});
