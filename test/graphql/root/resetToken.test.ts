import { describe, expect, it } from '@jest/globals';
import { trailOf } from '../../support/trail.js';
import { itNamesProblems, unknownIdRows } from './bad-input.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';
import { tokenRoot } from './token-root.js';

const FIELD = {
  field: 'resetToken',
  inputType: 'ResetTokenInput',
  entity: 'token',
  selection: 'token { id generation scopes } outcome',
};

describe('resetToken', () => {
  const root = tokenRoot();

  it('obtains the token anew under the same id, and revokes the old credential', async () => {
    const { id } = await root.saved();

    const payload = await mutate(root.callers.manager, FIELD, { id, scopes: ['write'] });

    expect(payload).toEqual({
      token: { id, generation: 2, scopes: ['write'] },
      outcome: 'REVOKED_AT_PROVIDER',
      userErrors: [],
    });
    const told = (await trailOf(root.callers.manager, id)).slice(-3);
    expect(told.map(({ action }) => action)).toEqual(['TOKEN_RESET', 'CREDENTIAL_REVOKED', 'CREDENTIAL_REVOKED']);
  });

  itNamesProblems(
    () => root.callers,
    FIELD,
    () => ({ id: 'tok_01KAAAAAAAAAAAAAAAAAAAAAAA' }),
    [...unknownIdRows('id', 'tok')],
  );

  itRefuses(() => root.callers, MANAGERS_ONLY, {
    kind: 'mutation',
    selection: 'resetToken(input: $input) { userErrors { code } }',
    definitions: '$input: ResetTokenInput!',
    variables: () => ({ input: { id: 'tok_01KAAAAAAAAAAAAAAAAAAAAAAA' } }),
  });
});
