import { describe, expect, it } from '@jest/globals';
import { trailOf } from '../../support/trail.js';
import { itNamesProblems, unknownIdRows } from './bad-input.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';
import { tokenRoot } from './token-root.js';

const FIELD = {
  field: 'startAuthorization',
  inputType: 'StartAuthorizationInput',
  entity: 'token',
  selection: 'token { id } authorization { url state expiresAt }',
};

describe('startAuthorization', () => {
  const root = tokenRoot();

  it('gives a link for a token that needs a person', async () => {
    const { id } = await root.saved({ grantType: 'AUTHORIZATION_CODE' });

    const payload = await mutate(root.callers.manager, FIELD, { tokenId: id });

    expect(payload).toMatchObject({ token: { id }, authorization: { state: expect.any(String) }, userErrors: [] });
    expect(payload.authorization.url).toContain('/oauth/start/');
    const trail = await trailOf(root.callers.manager, id);
    expect(trail.at(-1)?.action).toBe('AUTHORIZATION_STARTED');
  });

  it('refuses a token that needs none', async () => {
    const { id } = await root.saved();

    const payload = await mutate(root.callers.manager, FIELD, { tokenId: id });

    expect(payload.userErrors).toMatchObject([{ code: 'GRANT_TYPE_NOT_ALLOWED', field: ['tokenId'] }]);
  });

  itNamesProblems(
    () => root.callers,
    FIELD,
    () => ({ tokenId: 'tok_01KAAAAAAAAAAAAAAAAAAAAAAA' }),
    [...unknownIdRows('tokenId', 'tok')],
  );

  itRefuses(() => root.callers, MANAGERS_ONLY, {
    kind: 'mutation',
    selection: 'startAuthorization(input: $input) { userErrors { code } }',
    definitions: '$input: StartAuthorizationInput!',
    variables: () => ({ input: { tokenId: 'tok_01KAAAAAAAAAAAAAAAAAAAAAAA' } }),
  });
});
