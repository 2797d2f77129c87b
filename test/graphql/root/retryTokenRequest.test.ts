import { describe, expect, it } from '@jest/globals';
import { json } from '../../token/scripted-provider.js';
import { itNamesProblems, unknownIdRows } from './bad-input.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';
import { tokenRoot } from './token-root.js';

const FIELD = {
  field: 'retryTokenRequest',
  inputType: 'RetryTokenRequestInput',
  entity: 'token',
  selection: 'token { id connectionState lastError { error } }',
};

describe('retryTokenRequest', () => {
  const root = tokenRoot();

  it('asks again with the same inputs, and success clears the error', async () => {
    root.upstream.next(json({ error: 'invalid_scope' }, 400));
    const { id } = await root.saved();

    const payload = await mutate(root.callers.manager, FIELD, { id });

    expect(payload).toEqual({ token: { id, connectionState: 'CONNECTED', lastError: null }, userErrors: [] });
  });

  it('refuses a token that is connected', async () => {
    const { id } = await root.saved();

    const payload = await mutate(root.callers.manager, FIELD, { id });

    expect(payload.userErrors).toEqual([{ code: 'CONFLICT', field: ['id'], message: expect.any(String) }]);
  });

  itNamesProblems(
    () => root.callers,
    FIELD,
    () => ({ id: 'tok_01KAAAAAAAAAAAAAAAAAAAAAAA' }),
    [...unknownIdRows('id', 'tok')],
  );

  itRefuses(() => root.callers, MANAGERS_ONLY, {
    kind: 'mutation',
    selection: 'retryTokenRequest(input: $input) { userErrors { code } }',
    definitions: '$input: RetryTokenRequestInput!',
    variables: () => ({ input: { id: 'tok_01KAAAAAAAAAAAAAAAAAAAAAAA' } }),
  });
});
