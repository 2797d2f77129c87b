import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { saveClient, saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { unknownIds } from './bad-input.js';
import { itChecksPages } from './page-arguments.js';
import { expectBadArgument, itRefuses, SIGNED_IN_ONLY } from './root-field.js';

const LIST = `query ($filter: ClientFilter, $orderBy: ClientOrder, $first: Int, $after: String) {
  clients(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    totalCount
    nodes { name provider { id } clientSecretHint }
    pageInfo { hasNextPage endCursor }
  }
}`;

describe('clients', () => {
  let hub: TestHub;
  let callers: Callers;
  let providers: { id: string }[];

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
    providers = [await saveProvider(callers.manager), await saveProvider(callers.manager)];
    for (const [index, name] of ['Delta', 'alpha', 'Charlie', 'bravo'].entries()) {
      await saveClient(callers.manager, providers[index % 2]?.id ?? '', {
        name,
        enabled: name !== 'alpha',
        clientSecret: `not a real secret ${name}`,
      });
    }
  });
  afterAll(() => hub.stop());

  const list = async (variables: Record<string, unknown> = {}) => {
    const { data, errors } = await callers.manager(LIST, variables);
    expect(errors).toEqual([]);
    return data.clients;
  };
  const names = (connection: any) => connection.nodes.map(({ name }: any) => name as string) as string[];

  it('lists all by name, each with its own provider and hint', async () => {
    const connection = await list();

    expect(connection.totalCount).toBe(4);
    expect(connection.nodes).toEqual([
      { name: 'alpha', provider: { id: providers[1]?.id }, clientSecretHint: 'lpha' },
      { name: 'bravo', provider: { id: providers[1]?.id }, clientSecretHint: 'ravo' },
      { name: 'Charlie', provider: { id: providers[0]?.id }, clientSecretHint: 'rlie' },
      { name: 'Delta', provider: { id: providers[0]?.id }, clientSecretHint: 'elta' },
    ]);
  });

  it.each([
    ['name, descending', { field: 'NAME', direction: 'DESC' }, ['Delta', 'Charlie', 'bravo', 'alpha']],
    ['creation', { field: 'CREATED_AT' }, ['Delta', 'alpha', 'Charlie', 'bravo']],
  ])('sorts by %s', async (_what, orderBy, expected) => {
    expect(names(await list({ orderBy }))).toEqual(expected);
  });

  it('keeps to what the filter says', async () => {
    const [first, second] = providers.map(({ id }) => id);

    expect(names(await list({ filter: { providerIds: [first] } }))).toEqual(['Charlie', 'Delta']);
    expect(names(await list({ filter: { providerIds: [first, second, first] } }))).toHaveLength(4);
    expect(names(await list({ filter: { search: 'CHAR' } }))).toEqual(['Charlie']);
    expect(names(await list({ filter: { enabled: false } }))).toEqual(['alpha']);
    expect(names(await list({ filter: { enabled: false, providerIds: [first] } }))).toEqual([]);
    expect(names(await list({ filter: { providerIds: [] } }))).toEqual([]);
  });

  it.each(unknownIds('prv'))('finds none of a provider whose id is %s', async (_what, id) => {
    expect(await list({ filter: { providerIds: [id] } })).toMatchObject({ totalCount: 0, nodes: [] });
  });

  it('pages through all', async () => {
    const first = await list({ first: 3 });
    const second = await list({ first: 3, after: first.pageInfo.endCursor });

    expect([...names(first), ...names(second)]).toEqual(['alpha', 'bravo', 'Charlie', 'Delta']);
    expect([first, second].map(({ pageInfo }) => pageInfo.hasNextPage as boolean)).toEqual([true, false]);
  });

  it('shows an auditor all and a member none', async () => {
    const auditor = await callers.auditor('{ clients { totalCount } }');
    const member = await callers.member('{ clients { totalCount nodes { id } } }');

    expect(auditor.data.clients.totalCount).toBe(4);
    expect(member).toMatchObject({ errors: [], data: { clients: { totalCount: 0, nodes: [] } } });
  });

  itRefuses(() => callers, SIGNED_IN_ONLY, { kind: 'query', selection: 'clients { totalCount }' });

  itChecksPages(() => callers, 'clients');

  it.each([
    ['a text that is too long', { search: 'x'.repeat(201) }, 'search'],
    ['too many providers', { providerIds: Array(101).fill('prv_a') }, 'providerIds'],
  ])('refuses to filter by %s', async (_what, filter, field) => {
    expectBadArgument(await callers.manager(LIST, { filter }), 'clients', ['filter', field]);
  });

  it('finds one by the beginning of its client id, to the letter', async () => {
    const clientId = 'Third_Party%of-ours';
    const { name } = await saveClient(callers.manager, (await saveProvider(callers.manager)).id, { clientId });
    const found = async (search: string) => names(await list({ filter: { search } }));

    expect(await found(clientId)).toEqual([name]);
    expect(await found('Third_P')).toEqual([name]);
    expect(await found('third_p')).toEqual([]);
    expect(await found('ThirdxParty')).toEqual([]);
    expect(await found('hird_')).toEqual([]);
  });
});
