import { describe, expect, it } from '@jest/globals';
import { trailOf } from '../../support/trail.js';
import { itNamesProblems } from './bad-input.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';
import { tokenRoot } from './token-root.js';

const FIELD = {
  field: 'importToken',
  inputType: 'ImportTokenInput',
  entity: 'token',
  selection: 'token { id grantType connectionState hasRefreshToken }',
};

describe('importToken', () => {
  const root = tokenRoot();
  const good = () => {
    const { grantType: _, ...input } = root.input();
    return { ...input, refreshToken: 'brought from elsewhere' };
  };

  it('spends the refresh token once and keeps what comes', async () => {
    const payload = await mutate(root.callers.manager, FIELD, good());

    expect(payload).toMatchObject({
      token: { grantType: 'REFRESH_TOKEN', connectionState: 'CONNECTED', hasRefreshToken: true },
      userErrors: [],
    });
    expect(root.upstream.tokenCalls.at(-1)?.form.get('refresh_token')).toBe('brought from elsewhere');
    const trail = await trailOf(root.callers.manager, payload.token.id as string);
    expect(trail.map(({ action }) => action)).toEqual(['TOKEN_CREATED', 'TOKEN_IMPORTED']);
  });

  itNamesProblems(
    () => root.callers,
    FIELD,
    () => good(),
    [
      ['an empty refresh token', { refreshToken: '' }, 'INVALID', ['refreshToken']],
      ['an unknown provider', { providerId: 'prv_01KAAAAAAAAAAAAAAAAAAAAAAA' }, 'NOT_FOUND', ['providerId']],
    ],
  );

  itRefuses(() => root.callers, MANAGERS_ONLY, {
    kind: 'mutation',
    selection: 'importToken(input: $input) { userErrors { code } }',
    definitions: '$input: ImportTokenInput!',
    variables: () => ({ input: good() }),
  });
});
