import { describe, expect, it } from '@jest/globals';
import { trailOf } from '../../support/trail.js';
import { itNamesProblems, unknownIdRows } from './bad-input.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';
import { tokenRoot } from './token-root.js';

const FIELD = {
  field: 'deleteToken',
  inputType: 'DeleteTokenInput',
  entity: 'deletedId',
  selection: 'deletedId outcome',
};

describe('deleteToken', () => {
  const root = tokenRoot();

  it('revokes the token and deletes it', async () => {
    const { id } = await root.saved();

    const payload = await mutate(root.callers.manager, FIELD, { id });

    expect(payload).toEqual({ deletedId: id, outcome: 'REVOKED_AT_PROVIDER', userErrors: [] });
    const { data } = await root.callers.manager('query ($id: ID!) { token(id: $id) { id } }', { id });
    expect(data).toEqual({ token: null });
    expect((await trailOf(root.callers.manager, id)).at(-1)?.action).toBe('TOKEN_DELETED');
  });

  it('asks the provider for nothing with revoke: false', async () => {
    const { id } = await root.saved();
    const sent = root.upstream.revocations.length;

    const payload = await mutate(root.callers.manager, FIELD, { id, revoke: false });

    expect(payload).toEqual({ deletedId: id, outcome: null, userErrors: [] });
    expect(root.upstream.revocations).toHaveLength(sent);
  });

  itNamesProblems(
    () => root.callers,
    FIELD,
    () => ({ id: 'tok_01KAAAAAAAAAAAAAAAAAAAAAAA' }),
    [...unknownIdRows('id', 'tok')],
  );

  itRefuses(() => root.callers, MANAGERS_ONLY, {
    kind: 'mutation',
    selection: 'deleteToken(input: $input) { userErrors { code } }',
    definitions: '$input: DeleteTokenInput!',
    variables: () => ({ input: { id: 'tok_01KAAAAAAAAAAAAAAAAAAAAAAA' } }),
  });
});
