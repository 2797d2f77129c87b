import { describe, expect, it } from '@jest/globals';
import { trailOf } from '../../support/trail.js';
import { itNamesProblems } from './bad-input.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';
import { tokenRoot } from './token-root.js';

const FIELD = {
  field: 'requestToken',
  inputType: 'RequestTokenInput',
  entity: 'token',
  selection: 'token { id name status connectionState active } authorization { url } warnings',
};

describe('requestToken', () => {
  const root = tokenRoot();

  it('makes a token and obtains it, with its audit', async () => {
    const input = root.input({ scopes: ['read'], labels: [{ name: 'team', value: 'sales' }] });

    const payload = await mutate(root.callers.manager, FIELD, input);

    expect(payload).toMatchObject({
      token: { name: input['name'], status: 'ACTIVE', connectionState: 'CONNECTED', active: true },
      authorization: null,
      userErrors: [],
    });
    const trail = await trailOf(root.callers.manager, payload.token.id as string);
    expect(trail.map(({ action }) => action)).toEqual(['TOKEN_CREATED', 'TOKEN_OBTAINED']);
  });

  it('gives a link where a person must consent', async () => {
    const payload = await mutate(root.callers.manager, FIELD, root.input({ grantType: 'AUTHORIZATION_CODE' }));

    expect(payload).toMatchObject({ token: { status: 'PENDING', connectionState: 'DEFAULT' }, userErrors: [] });
    expect(payload.authorization.url).toMatch(/^http:\/\/localhost:4000\/oauth\/start\/[\w-]{43}$/);
  });

  itNamesProblems(
    () => root.callers,
    FIELD,
    () => root.input(),
    [
      ['a refresh token as grant', { grantType: 'REFRESH_TOKEN' }, 'GRANT_TYPE_NOT_ALLOWED', ['grantType']],
      ['a grant that is not offered', { grantType: 'DEVICE_CODE' }, 'NOT_SUPPORTED', ['grantType']],
      ['an unknown provider', { providerId: 'prv_01KAAAAAAAAAAAAAAAAAAAAAAA' }, 'NOT_FOUND', ['providerId']],
      ['an unknown client', { clientId: 'cli_01KAAAAAAAAAAAAAAAAAAAAAAA' }, 'NOT_FOUND', ['clientId']],
      ['a client id in the place of an id', { clientId: `hub_${'0'.repeat(32)}` }, 'NOT_FOUND', ['clientId']],
      ['no seconds to live', { expiresIn: 0 }, 'INVALID', ['expiresIn']],
      ['a blank name', { name: ' ' }, 'INVALID', ['name']],
      ['a password with another grant', { password: 'x' }, 'INVALID', ['password']],
    ],
  );

  itRefuses(() => root.callers, MANAGERS_ONLY, {
    kind: 'mutation',
    selection: 'requestToken(input: $input) { userErrors { code } }',
    definitions: '$input: RequestTokenInput!',
    variables: () => ({ input: root.input() }),
  });
});
