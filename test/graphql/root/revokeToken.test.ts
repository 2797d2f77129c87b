import { describe, expect, it } from '@jest/globals';
import { trailOf } from '../../support/trail.js';
import { itNamesProblems, unknownIdRows } from './bad-input.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';
import { tokenRoot } from './token-root.js';

const FIELD = {
  field: 'revokeToken',
  inputType: 'RevokeTokenInput',
  entity: 'token',
  selection: 'token { id status } outcome',
};

describe('revokeToken', () => {
  const root = tokenRoot();

  it('ends the token here and at its provider', async () => {
    const { id } = await root.saved();

    const payload = await mutate(root.callers.manager, FIELD, { id });

    expect(payload).toEqual({ token: { id, status: 'REVOKED' }, outcome: 'REVOKED_AT_PROVIDER', userErrors: [] });
    const [event] = (await trailOf(root.callers.manager, id)).slice(-1);
    expect(event).toMatchObject({ action: 'TOKEN_REVOKED', detail: { outcome: 'REVOKED_AT_PROVIDER' } });
  });

  itNamesProblems(
    () => root.callers,
    FIELD,
    () => ({ id: 'tok_01KAAAAAAAAAAAAAAAAAAAAAAA' }),
    [...unknownIdRows('id', 'tok')],
  );

  itRefuses(() => root.callers, MANAGERS_ONLY, {
    kind: 'mutation',
    selection: 'revokeToken(input: $input) { userErrors { code } }',
    definitions: '$input: RevokeTokenInput!',
    variables: () => ({ input: { id: 'tok_01KAAAAAAAAAAAAAAAAAAAAAAA' } }),
  });
});
