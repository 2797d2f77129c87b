import { describe, expect, it } from '@jest/globals';
import { unknownIds } from './bad-input.js';
import { itRefuses, SIGNED_IN_ONLY } from './root-field.js';
import { tokenRoot } from './token-root.js';

const BY_ID = 'query ($id: ID!) { token(id: $id) { id name } }';

describe('token', () => {
  const root = tokenRoot();

  it('finds a token by id and by name, for who may see it', async () => {
    const { id, name } = await root.saved({ userId: root.callers.ids.member });

    for (const caller of ['manager', 'auditor', 'member'] as const) {
      expect((await root.callers[caller](BY_ID, { id })).data).toEqual({ token: { id, name } });
    }
    const byName = await root.callers.manager('query ($name: String!) { token(name: $name) { id } }', {
      name: ` ${name.toUpperCase()}`,
    });
    expect(byName.data).toEqual({ token: { id } });
  });

  it('shows a member no token of others', async () => {
    const { id, name } = await root.saved();

    const { data, errors } = await root.callers.member(
      'query ($id: ID!, $name: String!) { byId: token(id: $id) { id } byName: token(name: $name) { id } node(id: $id) { id } }',
      { id, name },
    );

    expect(data).toEqual({ byId: null, byName: null, node: null });
    expect(errors).toEqual([]);
  });

  it.each(unknownIds('tok'))('is null for an id that is %s', async (_what, id) => {
    expect(await root.callers.manager(BY_ID, { id })).toMatchObject({ data: { token: null }, errors: [] });
  });

  itRefuses(() => root.callers, SIGNED_IN_ONLY, { kind: 'query', selection: 'token(name: "x") { id }' });
});
