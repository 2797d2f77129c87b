import { describe, expect, it } from '@jest/globals';
import { trailOf } from '../../support/trail.js';
import { itNamesProblems, unknownIdRows } from './bad-input.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';
import { tokenRoot } from './token-root.js';

const FIELD = {
  field: 'updateToken',
  inputType: 'UpdateTokenInput',
  entity: 'token',
  selection: 'token { id name enabled labels { name value } }',
};

describe('updateToken', () => {
  const root = tokenRoot();

  it('renames, switches and labels', async () => {
    const { id } = await root.saved();
    const labels = [{ name: 'team', value: 'sales' }];

    const payload = await mutate(root.callers.manager, FIELD, { id, name: `New ${id}`, enabled: false, labels });

    expect(payload).toEqual({ token: { id, name: `New ${id}`, enabled: false, labels }, userErrors: [] });
    const [event] = (await trailOf(root.callers.manager, id)).slice(-1);
    expect(event).toMatchObject({ action: 'TOKEN_UPDATED', detail: { changed: ['name', 'enabled', 'labels'] } });
  });

  it('refuses a name that another token has', async () => {
    const [one, other] = [await root.saved(), await root.saved()];

    const payload = await mutate(root.callers.manager, FIELD, { id: one.id, name: ` ${other.name.toUpperCase()} ` });

    expect(payload).toMatchObject({ token: null, userErrors: [{ code: 'TAKEN', field: ['name'] }] });
  });

  itNamesProblems(
    () => root.callers,
    FIELD,
    () => ({ id: 'tok_01KAAAAAAAAAAAAAAAAAAAAAAA' }),
    [...unknownIdRows('id', 'tok'), ['a blank name', { name: ' ' }, 'INVALID', ['name']]],
  );

  itRefuses(() => root.callers, MANAGERS_ONLY, {
    kind: 'mutation',
    selection: 'updateToken(input: $input) { userErrors { code } }',
    definitions: '$input: UpdateTokenInput!',
    variables: () => ({ input: { id: 'tok_01KAAAAAAAAAAAAAAAAAAAAAAA' } }),
  });
});
