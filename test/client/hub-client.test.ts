import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { isValueText, valueHash } from '../../src/issued-value/value-text.js';
import { aHubClient, hubProviderId, saveHubClient, savePerson, saveProvider } from '../support/builders.js';
import { type Callers, everyCaller } from '../support/callers.js';
import { describeEachDatabase } from '../support/databases.js';
import { TestHub } from '../support/hub.js';
import { trailOf } from '../support/trail.js';
import { TableRows } from '../security/table-rows.js';
import { mutate } from '../graphql/root/root-field.js';

const SETTINGS = `redirectUris scopes grantTypes tokenEndpointAuthMethod publicKey contactName contactEmail trusted
  resourceServer resource runAs { id } allowedTokens { id } allowedProviders { id } automaticAuthorization tokenLifetime tokenStorage
  accessTokenFormat enabled isDefault`;
const CREATE = {
  field: 'createClient',
  inputType: 'CreateClientInput',
  selection: `client { id clientId clientSecretHint ${SETTINGS} } clientSecret`,
};
const UPDATE = { field: 'updateClient', inputType: 'UpdateClientInput', selection: `client { ${SETTINGS} }` };
const ROTATE = {
  field: 'rotateClientSecret',
  inputType: 'RotateClientSecretInput',
  selection: 'client { clientSecretHint previousClientSecretHint } clientSecret',
};
const PEM = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
const PRIVATE_PEM = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

describeEachDatabase('a client of the hub itself', (testDatabase) => {
  let hub: TestHub;
  let callers: Callers;
  let hubId: string;
  let user: { id: string };
  let provider: { id: string };
  let rows: TableRows;
  let databaseUrl: string;

  beforeAll(async () => {
    databaseUrl = await testDatabase.freshUrl();
    hub = await TestHub.start({ databaseUrl });
    callers = await everyCaller(hub);
    hubId = await hubProviderId(callers.manager);
    user = await savePerson(callers.manager);
    provider = await saveProvider(callers.manager);
    rows = new TableRows(databaseUrl);
  });
  afterAll(async () => {
    await rows.close();
    await hub.stop();
  });

  const create = (given: object) =>
    mutate(callers.manager, CREATE, aHubClient(hubId, given as Record<string, unknown>));
  const update = (id: string, given: object) => mutate(callers.manager, UPDATE, { id, ...given });
  const codesOf = (payload: any) => payload.userErrors.map(({ code, field }: any) => `${code} ${field.join('.')}`);

  it('gets a client id and a secret that nobody had before, and is found by name', async () => {
    const first = await create({ name: 'Warehouse' });
    const second = await create({ name: 'Warehouse' });

    expect(first.client.clientId).toMatch(/^hub_[0-9a-f]{32}$/);
    expect(isValueText('clientSecret', first.clientSecret)).toBe(true);
    expect(second.client.clientId).not.toBe(first.client.clientId);
    expect(second.clientSecret).not.toBe(first.clientSecret);
    expect(first.client.clientSecretHint).toBe(first.clientSecret.slice(-4));
    const { data } = await callers.auditor('{ clients(filter: { search: "warehouse" }) { nodes { clientId } } }');
    expect(data.clients.nodes.map(({ clientId }: any) => clientId)).toEqual([
      first.client.clientId,
      second.client.clientId,
    ]);
  });

  it('has defaults for what is not given', async () => {
    const { client } = await create({});

    expect(client).toMatchObject({
      redirectUris: [],
      scopes: [],
      grantTypes: ['CLIENT_CREDENTIALS'],
      tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC',
      publicKey: null,
      contactName: null,
      contactEmail: null,
      trusted: false,
      resourceServer: false,
      resource: null,
      runAs: null,
      allowedTokens: null,
      allowedProviders: null,
      automaticAuthorization: false,
      tokenLifetime: 'P6M',
      tokenStorage: 'HASHED',
      accessTokenFormat: 'OPAQUE',
      enabled: true,
      isDefault: false,
    });
  });

  it('has what is given, redirect URIs as exact strings', async () => {
    const redirectUris = ['https://App.example.com:443', 'com.example.app:/cb', 'http://127.0.0.1/cb?x=%7E'];
    const given = {
      redirectUris,
      scopes: ['hub:read', 'openid'],
      contactName: 'Ada',
      contactEmail: 'ada@example.com',
      trusted: true,
      resourceServer: true,
      resource: ['https://files.example.com/', 'urn:example:files'],
      tokenLifetime: 'P30D',
      tokenStorage: 'RECOVERABLE',
      accessTokenFormat: 'JWT',
      enabled: false,
    };

    const { client } = await create({ ...given, runAsId: user.id, allowedTokens: [], allowedProviders: [provider.id] });

    expect(client).toMatchObject({
      ...given,
      grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS'],
      runAs: { id: user.id },
      allowedTokens: [],
      allowedProviders: [{ id: provider.id }],
    });
  });

  it('keeps of its secret what recognises it, and shows it to nobody again', async () => {
    const { client, clientSecret } = await create({});
    const question = 'query ($id: ID!) { client(id: $id) { name clientSecret } }';

    const { data, errors } = await callers.manager(question, { id: client.id });
    const refused = await callers.auditor(question, { id: client.id });

    expect(data.client).toEqual({ name: expect.any(String), clientSecret: null });
    expect(errors).toMatchObject([{ path: ['client', 'clientSecret'], extensions: { code: 'SECRET_ALREADY_SHOWN' } }]);
    expect(errors[0]?.message).toContain('rotateClientSecret');
    expect(refused.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    const dump = [...(await rows.readAll()).values()].join('\n');
    for (const value of [clientSecret, valueHash(clientSecret)]) expect(dump).not.toContain(value);
    const trail = await trailOf(callers.auditor, client.id);
    expect(trail.map(({ action }) => action)).toEqual(['CLIENT_CREATED']);
    expect(JSON.stringify(trail)).not.toContain(clientSecret);
  });

  it('does not show the secret to the repeat of an idempotency key', async () => {
    const input = aHubClient(hubId, { idempotencyKey: 'a client of the hub' });
    const first = await mutate(callers.manager, CREATE, input);

    const second = await mutate(callers.manager, CREATE, input);

    expect(second.client).toEqual(first.client);
    expect(second.clientSecret).toBeNull();
    expect(second.userErrors).toEqual([
      {
        code: 'SECRET_ALREADY_SHOWN',
        field: ['idempotencyKey'],
        message: expect.stringContaining('rotateClientSecret'),
      },
    ]);
  });

  it('has two live secrets during a rotation, each generated', async () => {
    const { client, clientSecret: first } = await create({});

    const { clientSecret: second } = await mutate(callers.manager, ROTATE, { id: client.id });
    const third = await mutate(callers.manager, ROTATE, { id: client.id });

    expect(isValueText('clientSecret', second)).toBe(true);
    expect(new Set([first, second, third.clientSecret]).size).toBe(3);
    expect(third.client).toEqual({
      clientSecretHint: third.clientSecret.slice(-4),
      previousClientSecretHint: second.slice(-4),
    });
  });

  it.each([
    ['a public client', { tokenEndpointAuthMethod: 'NONE', redirectUris: ['com.example.app:/cb'] }, null],
    ['one that signs', { tokenEndpointAuthMethod: 'PRIVATE_KEY_JWT', publicKey: PEM }, 'Ed25519'],
  ])('has no secret as %s', async (_what, given, curve) => {
    const { client, clientSecret } = await create(given);

    expect(clientSecret).toBeNull();
    expect(client.clientSecretHint).toBeNull();
    expect(client.grantTypes).toEqual([curve ? 'CLIENT_CREDENTIALS' : 'AUTHORIZATION_CODE']);
    if (curve === null) expect(client.publicKey).toBeNull();
    else expect(JSON.parse(client.publicKey)).toMatchObject({ keys: [{ kty: 'OKP', crv: curve, use: 'sig' }] });
  });

  it('takes no private key, and stores nothing of it', async () => {
    const payload = await create({ tokenEndpointAuthMethod: 'PRIVATE_KEY_JWT', publicKey: PRIVATE_PEM });

    expect(codesOf(payload)).toEqual(['INVALID publicKey']);
    const [, secretPart = ''] = PRIVATE_PEM.split('\n');
    expect(JSON.stringify(payload)).not.toContain(secretPart);
    expect([...(await rows.readAll()).values()].join('\n')).not.toContain(secretPart);
  });

  it('is changed, and null clears what may be empty', async () => {
    const { client } = await create({
      runAsId: user.id,
      contactName: 'Ada',
      contactEmail: 'ada@example.com',
      allowedTokens: [],
      allowedProviders: [provider.id],
      tokenLifetime: 'P1Y',
      tokenStorage: 'RECOVERABLE',
      accessTokenFormat: 'JWT',
      redirectUris: ['https://app.example.com/'],
    });
    const cleared = { runAsId: null, contactName: null, contactEmail: null, allowedTokens: null };

    const emptied = await update(client.id, {
      ...cleared,
      allowedProviders: null,
      tokenLifetime: null,
      tokenStorage: null,
      accessTokenFormat: null,
      redirectUris: null,
      trusted: null,
    });
    const automatic = await update(client.id, { automaticAuthorization: true, allowedTokens: [], trusted: true });

    expect(codesOf(emptied)).toEqual([]);
    expect(emptied.client).toMatchObject({
      runAs: null,
      contactName: null,
      contactEmail: null,
      allowedTokens: null,
      allowedProviders: null,
      tokenLifetime: 'P6M',
      tokenStorage: 'HASHED',
      accessTokenFormat: 'OPAQUE',
      redirectUris: ['https://app.example.com/'],
    });
    expect(automatic.client).toMatchObject({ tokenLifetime: null, allowedTokens: [], trusted: true });
    expect((await trailOf(callers.auditor, client.id)).at(-1)).toMatchObject({
      action: 'CLIENT_UPDATED',
      detail: { changed: ['trusted', 'automaticAuthorization', 'allowedTokens'] },
    });
  });

  it('that breaks a rule which came later can be renamed and switched off, and changed once it keeps it', async () => {
    const { client } = await create({ resourceServer: true, resource: ['https://files.example.com/'] });
    await rows.set('client', 'resourceServer', client.id, '0');

    const off = await update(client.id, { enabled: false });
    const renamed = await update(client.id, { name: 'Old rules', contactName: 'Ada', scopes: ['orders'] });
    const refused = await update(client.id, { redirectUris: ['https://app.example.com/'] });
    const mended = await update(client.id, { resource: null, redirectUris: ['https://app.example.com/'] });

    expect([codesOf(off), off.client.enabled]).toEqual([[], false]);
    expect([codesOf(renamed), renamed.client.scopes]).toEqual([[], ['orders']]);
    expect(codesOf(refused)).toEqual(['INVALID resource']);
    expect(codesOf(mended)).toEqual([]);
  });

  it('gets another method once what it needs is there', async () => {
    const { client } = await create({ tokenEndpointAuthMethod: 'PRIVATE_KEY_JWT', publicKey: PEM });
    const change = { tokenEndpointAuthMethod: 'CLIENT_SECRET_POST' };

    const refused = await update(client.id, change);
    await mutate(callers.manager, ROTATE, { id: client.id });
    const changed = await update(client.id, change);

    expect(codesOf(refused)).toEqual(['REQUIRED tokenEndpointAuthMethod']);
    expect(changed.client.tokenEndpointAuthMethod).toBe('CLIENT_SECRET_POST');
  });

  it('shows an auditor its settings', async () => {
    const { id } = await saveHubClient(callers.manager, { runAsId: user.id, contactName: 'Ada' });

    const { data, errors } = await callers.auditor(`query ($id: ID!) { client(id: $id) { ${SETTINGS} } }`, { id });

    expect(errors).toEqual([]);
    expect(data.client).toMatchObject({ runAs: { id: user.id }, contactName: 'Ada' });
  });

  it('acts as nobody once its user is gone', async () => {
    const person = await savePerson(callers.manager);
    const { id } = await saveHubClient(callers.manager, { runAsId: person.id });
    await callers.manager('mutation ($id: ID!) { deleteUser(input: { id: $id }) { userErrors { code } } }', {
      id: person.id,
    });

    const { data, errors } = await callers.manager('query ($id: ID!) { client(id: $id) { runAs { id } } }', { id });

    expect(errors).toEqual([]);
    expect(data.client.runAs).toBeNull();
  });
});
