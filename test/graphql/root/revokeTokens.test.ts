import { describe, expect, it } from '@jest/globals';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';
import { tokenRoot } from './token-root.js';

const FIELD = {
  field: 'revokeTokens',
  inputType: 'RevokeTokensInput',
  selection: 'results { tokenId token { generation status } outcome userErrors { code } }',
};
const UNKNOWN = 'tok_01KAAAAAAAAAAAAAAAAAAAAAAA';

describe('revokeTokens', () => {
  const root = tokenRoot();

  it('revokes several, with a result for each in the order asked', async () => {
    const { id } = await root.saved();

    const payload = await mutate(root.callers.manager, FIELD, { ids: [UNKNOWN, id] });

    expect(payload).toEqual({
      results: [
        { tokenId: UNKNOWN, token: null, outcome: null, userErrors: [{ code: 'NOT_FOUND' }] },
        { tokenId: id, token: { generation: 1, status: 'REVOKED' }, outcome: 'REVOKED_AT_PROVIDER', userErrors: [] },
      ],
      userErrors: [],
    });
  });

  it('refuses more than 100 at once', async () => {
    const ids = Array.from({ length: 101 }, () => UNKNOWN);

    const payload = await mutate(root.callers.manager, FIELD, { ids });

    expect(payload).toMatchObject({ results: [], userErrors: [{ code: 'INVALID', field: ['ids'] }] });
  });

  itRefuses(() => root.callers, MANAGERS_ONLY, {
    kind: 'mutation',
    selection: 'revokeTokens(input: $input) { userErrors { code } }',
    definitions: '$input: RevokeTokensInput!',
    variables: () => ({ input: { ids: [UNKNOWN] } }),
  });
});
