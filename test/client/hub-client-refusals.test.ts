import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mutate } from '../graphql/root/root-field.js';
import { aHubClient, hubProviderId, saveClient, saveHubClient, savePerson, saveProvider } from '../support/builders.js';
import { type Ask, TestHub } from '../support/hub.js';

const CREATE = { field: 'createClient', inputType: 'CreateClientInput', selection: 'client { id } clientSecret' };
const UPDATE = { field: 'updateClient', inputType: 'UpdateClientInput', selection: 'client { id }' };
const ROTATE = { field: 'rotateClientSecret', inputType: 'RotateClientSecretInput', selection: 'clientSecret' };
const PEM = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();

describe('a client of the hub itself', () => {
  let hub: TestHub;
  let manager: Ask;
  let hubId: string;
  let user: { id: string };
  let provider: { id: string };

  beforeAll(async () => {
    hub = await TestHub.start();
    manager = await hub.asManager();
    hubId = await hubProviderId(manager);
    user = await savePerson(manager);
    provider = await saveProvider(manager);
  });
  afterAll(() => hub.stop());

  const codesOf = (payload: any) => payload.userErrors.map(({ code, field }: any) => `${code} ${field.join('.')}`);

  const redirect = { redirectUris: ['https://app.example.com/'] };
  it.each<[problem: string, given: object]>([
    ['INVALID clientId', { clientId: 'mine' }],
    ['INVALID clientSecret', { clientSecret: 'not a real secret' }],
    ['INVALID isDefault', { isDefault: true }],
    ['INVALID grantTypes', { grantTypes: ['PASSWORD'] }],
    ['REQUIRED grantTypes', { grantTypes: [] }],
    ['REQUIRED redirectUris', { grantTypes: ['AUTHORIZATION_CODE'] }],
    ['INVALID redirectUris.1', { redirectUris: ['https://app.example.com/', 'http://app.example.com/'] }],
    ['NOT_SUPPORTED tokenEndpointAuthMethod', { tokenEndpointAuthMethod: 'CLIENT_SECRET_JWT' }],
    ['REQUIRED publicKey', { tokenEndpointAuthMethod: 'PRIVATE_KEY_JWT' }],
    ['INVALID publicKey', { publicKey: PEM }],
    ['INVALID publicKey', { publicKey: 'no key', tokenEndpointAuthMethod: 'PRIVATE_KEY_JWT' }],
    [
      'INVALID tokenEndpointAuthMethod',
      { tokenEndpointAuthMethod: 'NONE', grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS'], ...redirect },
    ],
    ['INVALID resourceServer', { tokenEndpointAuthMethod: 'NONE', resourceServer: true, ...redirect }],
    ['INVALID tokenLifetime', { tokenLifetime: 'PT0S' }],
    ['INVALID tokenLifetime', { tokenLifetime: 'P11Y' }],
    ['INVALID tokenLifetime', { tokenLifetime: 'P9999999999999999999999999Y' }],
    ['INVALID tokenLifetime', { tokenLifetime: 'P1M', automaticAuthorization: true }],
    ['INVALID contactName', { contactName: ' ' }],
    ['INVALID resource', { resource: ['https://files.example.com/'] }],
    ['INVALID resource.1', { resourceServer: true, resource: ['https://files.example.com/', '/files'] }],
    ['INVALID resource.0', { resourceServer: true, resource: ['https://files.example.com/#all'] }],
    ['NOT_FOUND runAsId', { runAsId: 'usr_01KAAAAAAAAAAAAAAAAAAAAAAA' }],
    ['NOT_FOUND allowedTokens', { allowedTokens: ['tok_01KAAAAAAAAAAAAAAAAAAAAAAA'] }],
    ['NOT_FOUND allowedProviders', { allowedProviders: ['prv_01KAAAAAAAAAAAAAAAAAAAAAAA', ''] }],
  ])('is refused with %s for %j', async (problem, given) => {
    const payload = await mutate(manager, CREATE, aHubClient(hubId, given as Record<string, unknown>));

    expect(codesOf(payload)).toEqual([problem]);
    expect(payload.client).toBeNull();
    expect(payload.clientSecret).toBeNull();
  });

  it('acts as nobody by itself where it is public, and needs a redirect URI', async () => {
    const acting = { tokenEndpointAuthMethod: 'NONE', runAsId: user.id, ...redirect };
    const { userErrors } = await mutate(manager, CREATE, aHubClient(hubId, { tokenEndpointAuthMethod: 'NONE' }));

    expect(codesOf(await mutate(manager, CREATE, aHubClient(hubId, acting)))).toEqual(['INVALID runAsId']);
    expect(codesOf({ userErrors })).toEqual(['REQUIRED redirectUris']);
    expect(userErrors[0].message).not.toContain('leave the grant type out');
  });

  it('keeps its client id', async () => {
    const { id } = await saveHubClient(manager);

    expect(codesOf(await mutate(manager, UPDATE, { id, clientId: 'mine' }))).toEqual(['INVALID clientId']);
    expect(codesOf(await mutate(manager, ROTATE, { id, clientSecret: 'mine' }))).toEqual(['INVALID clientSecret']);
  });

  it('alone has these settings: a registration elsewhere is refused with each', async () => {
    const elsewhere = await saveClient(manager, provider.id);
    const given = {
      redirectUris: ['https://app.example.com/'],
      publicKey: PEM,
      contactName: 'Ada',
      contactEmail: 'ada@example.com',
      trusted: false,
      resourceServer: true,
      runAsId: user.id,
      allowedTokens: [],
      allowedProviders: [],
      automaticAuthorization: true,
      tokenLifetime: 'P1M',
      tokenStorage: 'HASHED',
      accessTokenFormat: 'JWT',
    };

    const payload = await mutate(manager, UPDATE, { id: elsewhere.id, ...given });
    const { data } = await manager(
      'query ($id: ID!) { client(id: $id) { tokenLifetime tokenStorage accessTokenFormat } }',
      {
        id: elsewhere.id,
      },
    );

    expect(codesOf(payload).sort()).toEqual(
      Object.keys(given)
        .map((name) => `INVALID ${name}`)
        .sort(),
    );
    expect(data.client).toEqual({ tokenLifetime: null, tokenStorage: null, accessTokenFormat: null });
  });
});
