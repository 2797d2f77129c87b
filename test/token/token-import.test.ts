import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { describeEachDatabase } from '../support/databases.js';
import { startUpstream } from '../support/upstream.js';
import { json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { freePort, TokenLife } from './token-life.js';

describeEachDatabase('an import', (database) => {
  let life: TokenLife;
  let scripted: ScriptedProvider;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database, { port });
  });
  afterAll(async () => {
    await life.stop();
    await scripted.close();
  });
  beforeEach(async () => {
    scripted.reset();
    await life.rows.calm();
  });

  const importing = async (refreshToken: string, settings: object = {}, input: object = {}) => {
    const { id: providerId } = await life.provider({ ...scripted.endpoints, ...settings }, SCRIPTED_CLIENT);
    return life.mutate('importToken', { name: `Import ${Math.random()}`, providerId, refreshToken, ...input });
  };

  it('spends a refresh token of a real provider once and goes on with the rotated one', async () => {
    const upstream = await startUpstream({ redirectUris: [`http://localhost:${port}/oauth/callback/moving`] });
    const settings = { ...upstream.endpoints, key: 'moving' };
    const { id: providerId } = await life.provider(settings, upstream.clients.basic);
    const scopes = ['openid', 'offline_access'];
    const consented = await life.request({ providerId, grantType: 'AUTHORIZATION_CODE', scopes });
    await life.consent(new Browser(), consented.authorization);
    const { refreshToken } = await life.secrets(consented.token.id);
    upstream.tokenCalls.length = 0;

    const { token, userErrors } = await life.mutate('importToken', { name: 'Moved', providerId, refreshToken });

    expect(userErrors).toEqual([]);
    expect(token).toMatchObject({ grantType: 'REFRESH_TOKEN', connectionState: 'CONNECTED', hasRefreshToken: true });
    expect(upstream.tokenCalls).toMatchObject([{ status: 200, parameters: { refresh_token: refreshToken } }]);
    expect((await life.secrets(token.id)).refreshToken).not.toBe(refreshToken);
    expect((await life.mutate('refreshToken', { id: token.id })).userErrors).toEqual([]);
    await upstream.stop();
  });

  it('is audited, and the given refresh token stays when no other comes', async () => {
    scripted.next(json({ access_token: 'imported', expires_in: 3600 }));

    const { token } = await importing('from elsewhere');

    expect(await life.rows.auditCount('TOKEN_IMPORTED', token.id)).toBe(1);
    expect(await life.secrets(token.id)).toEqual({ accessToken: 'imported', refreshToken: 'from elsewhere' });
  });

  it('that fails keeps nothing of the refresh token, and cannot be asked again', async () => {
    scripted.next(json({ error: 'invalid_grant' }, 400));

    const { token, userErrors } = await importing('a dead one from elsewhere');

    expect(userErrors).toMatchObject([{ code: 'REAUTHORIZATION_REQUIRED' }]);
    expect(token).toMatchObject({ connectionState: 'ERROR', status: 'PENDING', hasRefreshToken: false });
    expect(JSON.stringify([token, await life.rows.token(token.id)])).not.toContain('a dead one');
    expect((await life.mutate('retryTokenRequest', { id: token.id })).userErrors).toMatchObject([
      { code: 'NOT_SUPPORTED' },
    ]);
  });

  it('asks for no scopes by default: nobody here knows what it was granted', async () => {
    const defaults = { defaultScopes: ['read', 'write'] };
    scripted.next(json({ access_token: 'a', expires_in: 3600 }), json({ access_token: 'a', expires_in: 3600 }));

    const unnamed = await importing('from elsewhere', defaults);
    const named = await importing('from elsewhere', defaults, { scopes: ['read'] });

    expect(unnamed.token).toMatchObject({ scopes: [], grantedScopes: [], warnings: [] });
    expect(named.token).toMatchObject({ scopes: ['read'], grantedScopes: ['read'], warnings: [] });
  });

  it('with an idempotency key spends the refresh token once', async () => {
    const { id: providerId } = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const input = { name: 'Imported once', providerId, refreshToken: 'from elsewhere', idempotencyKey: 'import once' };

    const answers = await Promise.all([life.mutate('importToken', input), life.mutate('importToken', input)]);

    expect(answers[0].token).toMatchObject({ connectionState: 'CONNECTED' });
    expect(answers[1]).toEqual(answers[0]);
    expect(scripted.tokenCalls).toHaveLength(1);
  });
});
