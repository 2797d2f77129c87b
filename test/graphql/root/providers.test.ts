import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { saveClient, saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { MEGABYTE } from './bad-input.js';
import { itChecksPages } from './page-arguments.js';
import { expectBadArgument, itRefuses, SIGNED_IN_ONLY } from './root-field.js';

/** The one that every hub has from its first start on. */
const HUB = 'Integration Hub';
const NAMES = [HUB, 'Émile', 'alpha', 'Beta', 'alpha two', '100% sure_thing', 'Zulu'];
/** By the code points of the lower-case name. */
const SORTED = ['100% sure_thing', 'alpha', 'alpha two', 'Beta', HUB, 'Zulu', 'Émile'];

const LIST = `query ($filter: ProviderFilter, $orderBy: ProviderOrder, $first: Int, $after: String, $last: Int, $before: String) {
  providers(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    totalCount
    nodes { name }
    edges { cursor node { name } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

describe('providers', () => {
  let hub: TestHub;
  let callers: Callers;

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
    for (const name of NAMES.filter((each) => each !== HUB)) {
      await saveProvider(callers.manager, { name, enabled: name !== 'Beta' });
    }
  });
  afterAll(() => hub.stop());

  const list = async (variables: Record<string, unknown> = {}) => {
    const { data, errors } = await callers.manager(LIST, variables);
    expect(errors).toEqual([]);
    return data.providers;
  };
  const names = async (variables: Record<string, unknown> = {}) =>
    (await list(variables)).nodes.map(({ name }: any) => name as string) as string[];

  it('lists all by name, in nodes and edges alike', async () => {
    const connection = await list();

    expect(connection.totalCount).toBe(NAMES.length);
    expect(connection.nodes.map(({ name }: any) => name)).toEqual(SORTED);
    expect(connection.edges.map(({ node }: any) => node)).toEqual(connection.nodes);
    expect(connection.pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: connection.edges[0].cursor,
      endCursor: connection.edges.at(-1).cursor,
    });
  });

  it.each([
    ['name, descending', { field: 'NAME', direction: 'DESC' }, SORTED.toReversed()],
    ['creation', { field: 'CREATED_AT' }, NAMES],
    ['creation, latest first', { field: 'CREATED_AT', direction: 'DESC' }, NAMES.toReversed()],
  ])('sorts by %s', async (_what, orderBy, expected) => {
    expect(await names({ orderBy })).toEqual(expected);
  });

  it.each([
    ['the beginning of a name, in any case', { search: 'ALPHA' }, ['alpha', 'alpha two']],
    ['blanks around it', { search: '  alpha t ' }, ['alpha two']],
    ['an accent', { search: 'é' }, ['Émile']],
    ['what LIKE would take for a wildcard', { search: '%' }, []],
    ['a percent sign that is there', { search: '100%' }, ['100% sure_thing']],
    ['nothing', { search: '' }, SORTED],
    ['null', { search: null, enabled: null, kinds: null }, SORTED],
    ['switched off', { enabled: false }, ['Beta']],
    ['kinds', { kinds: ['EXTERNAL', 'EXTERNAL'] }, SORTED.filter((name) => name !== HUB)],
    ['the kind of the hub itself', { kinds: ['HUB'] }, [HUB]],
    ['no kind', { kinds: [] }, []],
    ['all conditions together', { search: 'b', enabled: true }, []],
  ])('keeps to %s', async (_what, filter, expected) => {
    const connection = await list({ filter });

    expect(connection.nodes.map(({ name }: any) => name)).toEqual(expected);
    expect(connection.totalCount).toBe(expected.length);
  });

  it('pages forward and backward through a filtered list', async () => {
    const forward: string[] = [];
    let after: string | null = null;
    do {
      const page = await list({ filter: { enabled: true }, first: 2, after });
      forward.push(...page.nodes.map(({ name }: any) => name as string));
      expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
      expect(page.totalCount).toBe(NAMES.length - 1);
      after = page.pageInfo.hasNextPage ? (page.pageInfo.endCursor as string) : null;
    } while (after);
    const last = await list({ filter: { enabled: true }, last: 2 });
    const before = await list({ filter: { enabled: true }, last: 2, before: last.pageInfo.startCursor });

    expect(forward).toEqual(SORTED.filter((name) => name !== 'Beta'));
    expect([...before.nodes, ...last.nodes].map(({ name }: any) => name)).toEqual(forward.slice(-4));
    expect(last.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
  });

  it('counts without reading when asked for none', async () => {
    expect(await list({ first: 0 })).toEqual({
      totalCount: NAMES.length,
      nodes: [],
      edges: [],
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  it('shows an auditor all and a member none', async () => {
    const provider = await saveProvider(callers.manager, { name: 'zz with a client' });
    await saveClient(callers.manager, provider.id);

    const auditor = await callers.auditor('{ providers { totalCount } }');
    const member = await callers.member('{ providers(first: 5) { totalCount nodes { id } pageInfo { hasNextPage } } }');

    expect(auditor.data.providers.totalCount).toBe(NAMES.length + 1);
    expect(member.errors).toEqual([]);
    expect(member.data.providers).toEqual({ totalCount: 0, nodes: [], pageInfo: { hasNextPage: false } });
    await callers.manager('mutation ($id: ID!) { deleteProvider(input: { id: $id, cascade: true }) { deletedId } }', {
      id: provider.id,
    });
  });

  itRefuses(() => callers, SIGNED_IN_ONLY, { kind: 'query', selection: 'providers { totalCount }' });

  itChecksPages(() => callers, 'providers');

  it('refuses a cursor of a list in another order', async () => {
    const { pageInfo } = await list({ orderBy: { field: 'CREATED_AT' } });

    const answer = await callers.manager(LIST, { after: pageInfo.endCursor });

    expectBadArgument(answer, 'providers', ['after']);
    expect(answer.errors[0]?.message).toContain('another order');
  });

  it.each([
    ['too long', 'x'.repeat(201)],
    ['of 1 MB', MEGABYTE],
    ['with a null byte', 'a\0'],
    ['with a lone surrogate', 'a\ud800'],
  ])('refuses to search for a text %s', async (_what, search) => {
    expectBadArgument(await callers.manager(LIST, { filter: { search } }), 'providers', ['filter', 'search']);
  });
});
