import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { ScriptedProvider } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const CLIENT = {
  clientId: 'scripted-client',
  clientSecret: 'scripted-secret',
  tokenEndpointAuthMethod: 'CLIENT_SECRET_POST',
} as const;
const CODE = { grantType: 'AUTHORIZATION_CODE' };

const REFUSALS: [string, { settings?: object; input: object }, object][] = [
  [
    'a grant that the provider does not allow',
    { settings: { grantTypes: ['CLIENT_CREDENTIALS'] }, input: CODE },
    { code: 'GRANT_TYPE_NOT_ALLOWED', field: ['grantType'] },
  ],
  [
    'a refresh token as the grant',
    { input: { grantType: 'REFRESH_TOKEN' } },
    { code: 'GRANT_TYPE_NOT_ALLOWED', field: ['grantType'] },
  ],
  [
    'a grant that is not offered yet',
    { input: { grantType: 'DEVICE_CODE' } },
    { code: 'NOT_SUPPORTED', field: ['grantType'] },
  ],
  [
    'PASSWORD without a password',
    { input: { grantType: 'PASSWORD', username: 'ada' } },
    { code: 'REQUIRED', field: ['password'] },
  ],
  ['a password with another grant', { input: { password: 'unwanted' } }, { code: 'INVALID', field: ['password'] }],
  [
    'authorization parameters without an authorization request',
    { input: { authorizationParameters: [{ name: 'prompt', value: 'consent' }] } },
    { code: 'INVALID', field: ['authorizationParameters'] },
  ],
  [
    'token parameters that are the protocol itself',
    { input: { tokenParameters: [{ name: 'grant_type', value: 'password' }] } },
    { code: 'INVALID', field: ['tokenParameters', '0', 'name'] },
  ],
  [
    'authorization parameters that are the protocol itself',
    { input: { ...CODE, authorizationParameters: [{ name: 'redirect_uri', value: 'https://evil.example.com/' }] } },
    { code: 'INVALID', field: ['authorizationParameters', '0', 'name'] },
  ],
  [
    'a resource that is no absolute URI',
    { input: { resource: ['/relative'] } },
    { code: 'INVALID', field: ['resource', '0'] },
  ],
  [
    'a resource with a fragment',
    { input: { resource: ['https://api.example.com/#part'] } },
    { code: 'INVALID', field: ['resource', '0'] },
  ],
  [
    'a person who would come back without offline access',
    { settings: { requiredScopes: ['offline_access'] }, input: { ...CODE, scopes: ['openid'] } },
    { code: 'REQUIRED', field: ['scopes'] },
  ],
  ['a provider that is off', { settings: { enabled: false }, input: {} }, { code: 'DISABLED', field: ['providerId'] }],
  [
    'an own client that is not named',
    { input: { useProviderClient: false } },
    { code: 'REQUIRED', field: ['clientId'] },
  ],
  [
    'a return URL that is not allowed',
    { input: { ...CODE, returnTo: 'https://elsewhere.example.com/' } },
    { code: 'INVALID', field: ['returnTo'] },
  ],
  [
    'a label given twice',
    {
      input: {
        labels: [
          { name: 'team', value: 'a' },
          { name: 'team', value: 'b' },
        ],
      },
    },
    { code: 'INVALID', field: ['labels', '1', 'name'] },
  ],
  [
    'a user who does not exist',
    { input: { userId: 'usr_01JZZZZZZZZZZZZZZZZZZZZZZZ' } },
    { code: 'NOT_FOUND', field: ['userId'] },
  ],
];

describeEachDatabase('before anything is sent or stored, a token request refuses', (database) => {
  let life: TokenLife;
  let scripted: ScriptedProvider;

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database);
  });
  afterAll(async () => {
    await life.stop();
    await scripted.close();
  });
  beforeEach(async () => {
    scripted.reset();
    await life.rows.calm();
  });

  it.each(REFUSALS)('%s', async (what, { settings, input }, problem) => {
    const provider = await life.provider({ ...scripted.endpoints, ...settings }, CLIENT);

    const { token, userErrors } = await life.request({ name: what, providerId: provider.id, ...input });

    expect(token).toBeNull();
    expect(userErrors).toMatchObject([problem]);
    expect(scripted.calls).toEqual([]);
    expect(await life.rows.query('SELECT id FROM token WHERE name = ?', [what])).toEqual([]);
  });

  it('a name that another token has', async () => {
    const { id } = await life.provider(scripted.endpoints, CLIENT);
    await life.connected({ name: 'Taken name', providerId: id });
    scripted.reset();

    const { token, userErrors } = await life.request({ name: ' taken NAME', providerId: id });

    expect(token).toBeNull();
    expect(userErrors).toMatchObject([{ code: 'TAKEN', field: ['name'] }]);
    expect(scripted.calls).toEqual([]);
  });

  it('a client of another provider', async () => {
    const [one, other] = [
      await life.provider(scripted.endpoints, CLIENT),
      await life.provider(scripted.endpoints, CLIENT),
    ];

    const { userErrors } = await life.request({
      providerId: one.id,
      clientId: other.clientId,
      useProviderClient: false,
    });

    expect(userErrors).toMatchObject([{ code: 'INVALID', field: ['clientId'] }]);
    expect(scripted.calls).toEqual([]);
  });
});
