import { describe, expect, it } from '@jest/globals';
import { trailOf } from '../../support/trail.js';
import { itNamesProblems, unknownIdRows } from './bad-input.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';
import { tokenRoot } from './token-root.js';

const FIELD = {
  field: 'refreshToken',
  inputType: 'RefreshTokenInput',
  entity: 'token',
  selection: 'token { id generation }',
};

describe('refreshToken', () => {
  const root = tokenRoot();

  it('obtains a new credential', async () => {
    const { id } = await root.saved();

    const payload = await mutate(root.callers.manager, FIELD, { id });

    expect(payload).toEqual({ token: { id, generation: 2 }, userErrors: [] });
    expect((await trailOf(root.callers.manager, id)).at(-1)?.action).toBe('TOKEN_REFRESHED');
  });

  it('sends nothing for a caller whose generation is old', async () => {
    const { id, generation } = await root.saved();
    const sent = root.upstream.tokenCalls.length;

    const payload = await mutate(root.callers.manager, FIELD, { id, expectedGeneration: generation - 1 });

    expect(payload).toEqual({ token: { id, generation }, userErrors: [] });
    expect(root.upstream.tokenCalls).toHaveLength(sent);
  });

  it('sends nothing for a caller whose generation the token never had', async () => {
    const { id, generation } = await root.saved();
    const sent = root.upstream.tokenCalls.length;

    const payload = await mutate(root.callers.manager, FIELD, { id, expectedGeneration: generation + 1 });

    expect(payload).toMatchObject({ token: null, userErrors: [{ code: 'CONFLICT', field: ['expectedGeneration'] }] });
    expect(root.upstream.tokenCalls).toHaveLength(sent);
  });

  itNamesProblems(
    () => root.callers,
    FIELD,
    () => ({ id: 'tok_01KAAAAAAAAAAAAAAAAAAAAAAA' }),
    [...unknownIdRows('id', 'tok')],
  );

  itRefuses(() => root.callers, MANAGERS_ONLY, {
    kind: 'mutation',
    selection: 'refreshToken(input: $input) { userErrors { code } }',
    definitions: '$input: RefreshTokenInput!',
    variables: () => ({ input: { id: 'tok_01KAAAAAAAAAAAAAAAAAAAAAAA' } }),
  });
});
