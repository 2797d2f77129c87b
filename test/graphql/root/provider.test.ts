import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { saveClient, saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { unknownIds } from './bad-input.js';
import { expectBadRequest, itRefuses, SIGNED_IN_ONLY } from './root-field.js';

const SECRET = 'not a real pin of the provider';
const PROVIDER = `query ($id: ID, $key: String) {
  provider(id: $id, key: $key) {
    id key name kind redirectUri warnings
    base { id name }
    defaultClient { id }
    clients(first: 2) { totalCount nodes { id name } pageInfo { hasNextPage endCursor } }
    tokenParameters { name secret value }
    createdAt updatedAt
  }
}`;

describe('provider', () => {
  let hub: TestHub;
  let callers: Callers;
  let base: { id: string; name: string };
  let provider: { id: string; key: string; name: string };
  let clients: { id: string; name: string }[];

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
    base = await saveProvider(callers.manager);
    provider = await saveProvider(callers.manager, {
      baseId: base.id,
      tokenParameters: [
        { name: 'audience', value: 'an api' },
        { name: 'pin', value: SECRET, secret: true },
      ],
    });
    clients = [];
    for (const name of ['b', 'A', 'c']) clients.push(await saveClient(callers.manager, provider.id, { name }));
  });
  afterAll(() => hub.stop());

  it('is found by id, with all that belongs to it', async () => {
    const { data, errors } = await callers.manager(PROVIDER, { id: provider.id });

    expect(errors).toEqual([]);
    expect(data.provider).toEqual({
      ...provider,
      kind: 'EXTERNAL',
      redirectUri: `http://localhost:4000/oauth/callback/${provider.key}`,
      warnings: ['HTTPS_REQUIRED'],
      base: { id: base.id, name: base.name },
      defaultClient: { id: clients[0]?.id },
      clients: {
        totalCount: 3,
        nodes: [
          { id: clients[1]?.id, name: 'A' },
          { id: clients[0]?.id, name: 'b' },
        ],
        pageInfo: { hasNextPage: true, endCursor: expect.any(String) },
      },
      tokenParameters: [
        { name: 'audience', secret: false, value: 'an api' },
        { name: 'pin', secret: true, value: SECRET },
      ],
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
    });
  });

  it('is found by key, and by id when both are given', async () => {
    const byKey = await callers.manager(PROVIDER, { key: provider.key });
    const byBoth = await callers.manager(PROVIDER, { id: base.id, key: provider.key });

    expect(byKey.data.provider.id).toBe(provider.id);
    expect(byBoth.data.provider.id).toBe(base.id);
  });

  it('pages through its clients', async () => {
    const { data } = await callers.manager(PROVIDER, { id: provider.id });
    const after = data.provider.clients.pageInfo.endCursor as string;

    const rest = await callers.manager(
      'query ($id: ID, $after: String) { provider(id: $id) { clients(after: $after) { nodes { name } pageInfo { hasNextPage hasPreviousPage } } } }',
      { id: provider.id, after },
    );

    expect(rest.data.provider.clients).toEqual({
      nodes: [{ name: 'c' }],
      pageInfo: { hasNextPage: false, hasPreviousPage: true },
    });
  });

  it('keeps the values of secret parameters from an auditor, and serves all else', async () => {
    const { data, errors } = await callers.auditor(PROVIDER, { id: provider.id });

    expect(data.provider).toMatchObject({
      name: provider.name,
      tokenParameters: [
        { name: 'audience', secret: false, value: 'an api' },
        { name: 'pin', secret: true, value: null },
      ],
    });
    expect(errors).toMatchObject([
      { path: ['provider', 'tokenParameters', 1, 'value'], extensions: { code: 'FORBIDDEN' } },
    ]);
  });

  it('is not there for a member', async () => {
    const { data, errors } = await callers.member(PROVIDER, { id: provider.id, key: provider.key });

    expect({ data, errors }).toEqual({ data: { provider: null }, errors: [] });
  });

  itRefuses(() => callers, SIGNED_IN_ONLY, {
    kind: 'query',
    definitions: '$id: ID',
    selection: 'provider(id: $id) { id }',
    variables: () => ({ id: provider.id }),
  });

  it.each(unknownIds('prv'))('is null for an id that is %s', async (_what, id) => {
    expect(await callers.manager(PROVIDER, { id })).toMatchObject({
      status: 200,
      data: { provider: null },
      errors: [],
    });
  });

  it.each([
    ['unknown', 'nobody'],
    ['in another case', 'PROVIDER-1'],
    ['followed by a blank', 'provider-1 '],
    ['empty', ''],
    ['with a null byte', 'provider-1\0'],
    ['not given', null],
  ])('is null for a key that is %s', async (_what, key) => {
    expect(await callers.manager(PROVIDER, { key })).toMatchObject({ data: { provider: null }, errors: [] });
  });

  it('refuses a request for a list of ids', async () => {
    expectBadRequest(await callers.manager(PROVIDER, { id: [provider.id] }), '"$id"');
  });
});
