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
    const told = (await trailOf(root.callers.manager, id)).slice(-3);
    expect(told).toMatchObject([
      { action: 'TOKEN_REVOKED', detail: { toRevokeAtProvider: 2 } },
      { action: 'CREDENTIAL_REVOKED', detail: { credential: 'refresh_token', end: 'REVOKED' } },
      { action: 'CREDENTIAL_REVOKED', detail: { credential: 'access_token', end: 'REVOKED' } },
    ]);
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
