import { describe, expect, it } from '@jest/globals';
import { itRefuses, SIGNED_IN_ONLY } from './root-field.js';
import { tokenRoot } from './token-root.js';

const LIST = `query ($filter: TokenFilter, $orderBy: TokenOrder, $first: Int) {
  tokens(filter: $filter, orderBy: $orderBy, first: $first) { totalCount nodes { id } pageInfo { hasNextPage } } }`;

describe('tokens', () => {
  const root = tokenRoot();

  it('lists by filter and order, a page at a time', async () => {
    const externalId = 'list';
    const names = ['b list', 'a list', 'c list'];
    const saved = [];
    for (const name of names) saved.push(await root.saved({ name, externalId }));
    const [b, a] = saved;

    const { data } = await root.callers.manager(LIST, {
      filter: { externalId, statuses: ['ACTIVE'] },
      orderBy: { field: 'NAME' },
      first: 2,
    });

    expect(data.tokens).toEqual({
      totalCount: 3,
      nodes: [{ id: a?.id }, { id: b?.id }],
      pageInfo: { hasNextPage: true },
    });
  });

  it('shows a member only what is his', async () => {
    await root.saved();
    const own = await root.saved({ userId: root.callers.ids.member });

    const { data } = await root.callers.member(LIST, {});

    expect(data.tokens).toMatchObject({ totalCount: 1, nodes: [{ id: own.id }] });
  });

  it('names the argument of a page that is too long', async () => {
    const { errors } = await root.callers.manager(LIST, { first: 101 });

    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field: ['first'] } }]);
  });

  itRefuses(() => root.callers, SIGNED_IN_ONLY, { kind: 'query', selection: 'tokens { totalCount }' });
});
