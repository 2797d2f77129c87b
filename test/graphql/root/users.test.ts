import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { savePerson } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { MEGABYTE } from './bad-input.js';
import { itChecksPages } from './page-arguments.js';
import { expectBadArgument, itRefuses, SIGNED_IN_ONLY } from './root-field.js';

const LIST = `query ($filter: UserFilter, $orderBy: UserOrder, $first: Int, $after: String) {
  users(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    totalCount
    nodes { id name roles }
    pageInfo { hasNextPage endCursor }
  }
}`;
const ALL = ['A AUDITOR', 'A MEMBER', 'Ada', 'Nightly', 'System Manager', 'zoe'];

describe('users', () => {
  let hub: TestHub;
  let callers: Callers;

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
    await savePerson(callers.manager, { name: 'zoe', roles: ['MEMBER', 'AUDITOR'] });
    await savePerson(callers.manager, { name: 'Ada', enabled: false });
    await callers.manager(
      'mutation { createUser(input: { kind: SERVICE, name: "Nightly", roles: [MEMBER] }) { user { id } } }',
    );
  });
  afterAll(() => hub.stop());

  const list = async (variables: Record<string, unknown> = {}) => {
    const { data, errors } = await callers.manager(LIST, variables);
    expect(errors).toEqual([]);
    return data.users;
  };
  const names = (connection: any) => connection.nodes.map(({ name }: any) => name as string) as string[];

  it('lists all by name', async () => {
    const connection = await list();

    expect(connection.totalCount).toBe(ALL.length);
    expect(names(connection)).toEqual(ALL);
  });

  it.each([
    ['a role', { roles: ['AUDITOR'] }, ['A AUDITOR', 'zoe']],
    ['one of several roles', { roles: ['AUDITOR', 'SYSTEM_MANAGER'] }, ['A AUDITOR', 'System Manager', 'zoe']],
    ['no role', { roles: [] }, []],
    ['a kind', { kinds: ['SERVICE'] }, ['Nightly']],
    ['switched off', { enabled: false }, ['Ada']],
    ['the beginning of a name', { search: 'a ' }, ['A AUDITOR', 'A MEMBER', 'Ada']],
    ['a role and a kind', { roles: ['MEMBER'], kinds: ['PERSON'] }, ['A MEMBER', 'Ada', 'zoe']],
  ])('keeps to %s', async (_what, filter, expected) => {
    const connection = await list({ filter });

    expect(names(connection)).toEqual(expected);
    expect(connection.totalCount).toBe(expected.length);
  });

  it('sorts by creation, and pages through all', async () => {
    const orderBy = { field: 'CREATED_AT', direction: 'DESC' };
    const first = await list({ orderBy, first: 4 });
    const second = await list({ orderBy, first: 4, after: first.pageInfo.endCursor });

    expect([...names(first), ...names(second)]).toEqual([
      'Nightly',
      'Ada',
      'zoe',
      'A MEMBER',
      'A AUDITOR',
      'System Manager',
    ]);
    expect(second.pageInfo.hasNextPage).toBe(false);
  });

  it('shows an auditor all and a member only himself', async () => {
    const auditor = await callers.auditor('{ users { totalCount } }');
    const member = await callers.member(LIST);
    const other = await callers.member(LIST, { filter: { search: 'System' } });

    expect(auditor.data.users.totalCount).toBe(ALL.length);
    expect(member.data.users).toMatchObject({ totalCount: 1, nodes: [{ id: callers.ids.member }] });
    expect(other.data.users).toMatchObject({ totalCount: 0, nodes: [] });
  });

  itRefuses(() => callers, SIGNED_IN_ONLY, { kind: 'query', selection: 'users { totalCount }' });

  itChecksPages(() => callers, 'users');

  it.each([
    ['too long', 'x'.repeat(201)],
    ['of 1 MB', MEGABYTE],
    ['with a null byte', '\0'],
  ])('refuses to search for a text %s', async (_what, search) => {
    expectBadArgument(await callers.manager(LIST, { filter: { search } }), 'users', ['filter', 'search']);
  });
});
