import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { describeEachDatabase } from '../support/databases.js';
import { startUpstream, type Upstream } from '../support/upstream.js';
import { Gate, json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { freePort, TokenLife } from './token-life.js';

describeEachDatabase('a reset', (database) => {
  let life: TokenLife;
  let upstream: Upstream;
  let scripted: ScriptedProvider;

  beforeAll(async () => {
    const port = await freePort();
    upstream = await startUpstream({ redirectUris: [`http://localhost:${port}/oauth/callback/real`] });
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database, { port });
  });
  afterAll(async () => {
    await life.stop();
    await upstream.stop();
    await scripted.close();
  });
  beforeEach(async () => {
    scripted.reset();
    await life.rows.calm();
  });

  const connected = async (settings: object = {}, input: object = {}) => {
    const { clientId, id: providerId } = await life.provider({ ...scripted.endpoints, ...settings }, SCRIPTED_CLIENT);
    const { id } = await life.connected({ providerId, ...input });
    const before = await life.secrets(id);
    scripted.reset();
    return { id: id as string, providerId, clientRowId: clientId, before };
  };

  it('obtains a new credential under the same id, with what is asked for from now on', async () => {
    const { before, id } = await connected({}, { scopes: ['api:read'], resource: ['https://one.example.com/'] });

    const { token, userErrors } = await life.mutate('resetToken', {
      id,
      scopes: ['api:write'],
      tokenParameters: [{ name: 'tenant', value: 'acme' }],
    });

    expect(userErrors).toEqual([]);
    expect(token).toMatchObject({ id, generation: 2, scopes: ['api:write'], connectionState: 'CONNECTED' });
    expect((await life.secrets(id)).accessToken).not.toBe(before.accessToken);
    expect(Object.fromEntries(scripted.tokenCalls[0]?.form ?? [])).toEqual({
      grant_type: 'client_credentials',
      scope: 'api:write',
      resource: 'https://one.example.com/',
      tenant: 'acme',
    });
    expect(await life.rows.auditCount('TOKEN_RESET', id)).toBe(1);
  });

  it('revokes what it replaced, only after the new credential is stored, where that leaves the new one alone', async () => {
    const { before, id } = await connected({ revocationScope: 'TOKEN' });
    const gate = new Gate();
    scripted.next(gate.holding(json({ access_token: 'new access', refresh_token: 'new refresh', expires_in: 3600 })));

    const reset = life.mutate('resetToken', { id });
    await gate.reached();
    expect(scripted.revocations).toEqual([]);
    gate.release();

    expect(await reset).toMatchObject({ outcome: 'REVOKED_AT_PROVIDER', userErrors: [] });
    expect(scripted.revocations.map(({ form }) => form.get('token'))).toEqual([
      before.refreshToken,
      before.accessToken,
    ]);
    expect(await life.secrets(id)).toEqual({ accessToken: 'new access', refreshToken: 'new refresh' });
  });

  it.each(['GRANT', 'UNKNOWN'])('revokes nothing at a provider whose revocation ends %s', async (revocationScope) => {
    const { id } = await connected({ revocationScope });

    expect(await life.mutate('resetToken', { id })).toMatchObject({ outcome: 'NOT_REVOKED_SHARED_GRANT' });

    expect(scripted.revocations).toEqual([]);
  });

  it('never revokes a value that the provider gave again', async () => {
    const { before, id } = await connected({ revocationScope: 'TOKEN' });
    scripted.next(json({ access_token: before.accessToken, refresh_token: 'other', expires_in: 3600 }));

    await life.mutate('resetToken', { id });

    expect(scripted.revocations.map(({ form }) => form.get('token'))).toEqual([before.refreshToken]);
  });

  it('that fails leaves the old credential and what was asked for', async () => {
    const { before, id } = await connected({ revocationScope: 'TOKEN' }, { scopes: ['api:read'] });
    scripted.next(json({ error: 'invalid_scope' }, 400));

    const { outcome, token, userErrors } = await life.mutate('resetToken', { id, scopes: ['api:write'] });

    expect(userErrors).toMatchObject([{ code: 'PROVIDER_REJECTED', providerError: { error: 'invalid_scope' } }]);
    expect(outcome).toBeNull();
    expect(token).toMatchObject({ connectionState: 'ERROR', status: 'ACTIVE', generation: 1, scopes: ['api:read'] });
    expect(scripted.revocations).toEqual([]);
    expect(await life.secrets(id)).toEqual(before);
    expect((await life.mutate('refreshToken', { id })).userErrors).toEqual([]);
  });

  it('during a refresh waits for it and is carried out all the same', async () => {
    const { id } = await connected({ revocationScope: 'TOKEN' }, { scopes: ['api:read'] });
    const gate = new Gate();
    scripted.next(gate.holding(json({ access_token: 'refreshed', refresh_token: 'rotated', expires_in: 3600 })));

    const refresh = life.mutate('refreshToken', { id });
    await gate.reached();
    const reset = life.mutate('resetToken', { id, scopes: ['api:write'] });
    expect(await life.find(id)).toMatchObject({ generation: 1 });
    gate.release();

    expect(await refresh).toMatchObject({ userErrors: [] });
    expect(await reset).toMatchObject({ userErrors: [], token: { scopes: ['api:write'], generation: 3 } });
    expect(scripted.tokenCalls.map(({ form }) => form.get('grant_type'))).toEqual([
      'refresh_token',
      'client_credentials',
    ]);
    expect(scripted.revocations.map(({ form }) => form.get('token'))).toEqual(['rotated', 'refreshed']);
  });

  it('takes the default client of the moment', async () => {
    const { clientRowId, id, providerId } = await connected();
    const { data } = await life.manager(
      'mutation ($input: CreateClientInput!) { createClient(input: $input) { client { id } } }',
      { input: { providerId, name: 'New', clientId: 'new', clientSecret: 'new-secret', isDefault: true } },
    );
    await life.mutate('refreshToken', { id });

    const { token } = await life.mutate('resetToken', { id });

    expect(data.createClient.client.id).not.toBe(clientRowId);
    expect(token).toMatchObject({ client: { id: data.createClient.client.id } });
    const clients = scripted.tokenCalls.map(({ authorization = '' }) =>
      Buffer.from(authorization.slice('Basic '.length), 'base64').toString(),
    );
    expect(clients).toEqual(['scripted-client:scripted-secret', 'new:new-secret']);
  });

  it('refuses authorization parameters where there is no authorization request', async () => {
    const { id } = await connected();

    const { userErrors } = await life.mutate('resetToken', {
      id,
      authorizationParameters: [{ name: 'prompt', value: 'consent' }],
    });

    expect(userErrors).toMatchObject([{ code: 'INVALID', field: ['authorizationParameters'] }]);
    expect(scripted.calls).toEqual([]);
  });

  it('by a person keeps the old credential until the new one is there', async () => {
    const { id: providerId } = await life.provider(
      { ...upstream.endpoints, key: 'real', revocationScope: 'UNKNOWN' },
      upstream.clients.basic,
    );
    const browser = new Browser();
    const scopes = ['openid', 'offline_access'];
    const first = await life.request({ providerId, grantType: 'AUTHORIZATION_CODE', scopes });
    expect((await life.consent(browser, first.authorization)).status).toBe(200);
    const { id } = first.token;
    const before = await life.secrets(id);

    const { authorization, token } = await life.mutate('resetToken', { id, scopes: [...scopes, 'api:read'] });

    expect(token).toMatchObject({ status: 'ACTIVE', generation: 1 });
    expect((await life.find(id)).scopes).toEqual(scopes);
    expect(await life.secrets(id)).toEqual(before);
    expect((await life.consent(browser, authorization)).status).toBe(200);
    expect(await life.find(id)).toMatchObject({
      scopes: [...scopes, 'api:read'],
      generation: 2,
      connectionState: 'CONNECTED',
      account: { subject: 'ada' },
    });
    expect((await life.secrets(id)).accessToken).not.toBe(before.accessToken);
  });
});
