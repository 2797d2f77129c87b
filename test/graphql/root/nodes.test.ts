import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { saveClient, saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { unknownIds } from './bad-input.js';
import { expectBadArgument, expectBadRequest, itRefuses, SIGNED_IN_ONLY } from './root-field.js';

const NODES =
  'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Provider { name } ... on Client { clientSecret } } }';

describe('nodes', () => {
  let hub: TestHub;
  let callers: Callers;
  let provider: { id: string; name: string };
  let client: { id: string; clientSecret: string };

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
    provider = await saveProvider(callers.manager);
    client = await saveClient(callers.manager, provider.id);
  });
  afterAll(() => hub.stop());

  it('answers in the order asked, null for what is not there, repeats included', async () => {
    const { data, errors } = await callers.manager(NODES, {
      ids: [client.id, 'cli_nobody', provider.id, callers.ids.member, client.id],
    });

    expect(errors).toEqual([]);
    expect(data.nodes).toEqual([
      { __typename: 'Client', id: client.id, clientSecret: client.clientSecret },
      null,
      { __typename: 'Provider', id: provider.id, name: provider.name },
      { __typename: 'User', id: callers.ids.member },
      { __typename: 'Client', id: client.id, clientSecret: client.clientSecret },
    ]);
  });

  it('keeps each secret from an auditor at its own path', async () => {
    const { data, errors } = await callers.auditor(NODES, { ids: [client.id, provider.id, client.id] });

    expect(data.nodes).toMatchObject([{ clientSecret: null }, { name: provider.name }, { clientSecret: null }]);
    expect(errors.map(({ path, extensions }) => [path, extensions['code']])).toEqual([
      [['nodes', 0, 'clientSecret'], 'FORBIDDEN'],
      [['nodes', 2, 'clientSecret'], 'FORBIDDEN'],
    ]);
  });

  it('shows a member nothing but himself', async () => {
    const { data, errors } = await callers.member(NODES, { ids: [provider.id, client.id, callers.ids.member] });

    expect(errors).toEqual([]);
    expect(data.nodes).toEqual([null, null, { __typename: 'User', id: callers.ids.member }]);
  });

  itRefuses(() => callers, SIGNED_IN_ONLY, {
    kind: 'query',
    definitions: '$ids: [ID!]!',
    selection: 'nodes(ids: $ids) { id }',
    variables: () => ({ ids: [provider.id] }),
  });

  it('answers nothing to nothing', async () => {
    expect((await callers.manager(NODES, { ids: [] })).data).toEqual({ nodes: [] });
  });

  it('is null for each id that is none', async () => {
    const ids = unknownIds('prv').map(([, id]) => id);

    const { data, errors } = await callers.manager(NODES, { ids });

    expect(errors).toEqual([]);
    expect(data.nodes).toEqual(ids.map(() => null));
  });

  it('takes 100 ids and no more', async () => {
    const hundred = Array<string>(100).fill(provider.id);

    const full = await callers.manager('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: hundred });
    const more = await callers.manager('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: [...hundred, provider.id],
    });

    expect(full.data.nodes).toHaveLength(100);
    expectBadArgument(more, 'nodes', ['ids']);
  });

  it.each([
    ['without ids', {}],
    ['with null among the ids', { ids: [null] }],
    ['with an object', { ids: [{}] }],
  ])('refuses a request %s', async (_what, variables) => {
    expectBadRequest(await callers.manager(NODES, variables), '"$ids"');
  });
});
