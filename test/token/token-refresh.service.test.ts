import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { describeEachDatabase } from '../support/databases.js';
import { startUpstream, type Upstream } from '../support/upstream.js';
import { Gate, json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { freePort, TokenLife } from './token-life.js';

describeEachDatabase('a refresh', (database) => {
  let life: TokenLife;
  let upstream: Upstream;
  let scripted: ScriptedProvider;
  let strictId: string;
  let scriptedId: string;

  beforeAll(async () => {
    const port = await freePort();
    upstream = await startUpstream({ redirectUris: [`http://localhost:${port}/oauth/callback/strict`] });
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database, { port });
    strictId = (await life.provider({ ...upstream.endpoints, key: 'strict' }, upstream.clients.basic)).id;
    scriptedId = (await life.provider(scripted.endpoints, SCRIPTED_CLIENT)).id;
  });
  afterAll(async () => {
    await life.stop();
    await upstream.stop();
    await scripted.close();
  });
  beforeEach(() => {
    scripted.reset();
    upstream.tokenCalls.length = 0;
  });

  const consented = async () => {
    const scopes = ['openid', 'offline_access', 'api:read'];
    const { token, authorization } = await life.request({
      providerId: strictId,
      grantType: 'AUTHORIZATION_CODE',
      scopes,
      authorizationParameters: [{ name: 'prompt', value: 'consent' }],
    });
    const page = await life.consent(new Browser(), authorization);
    if (page.status !== 200) throw new Error(await page.text());
    upstream.tokenCalls.length = 0;
    return life.find(token.id);
  };
  const connected = async (input: object = {}) => {
    const token = await life.connected({ providerId: scriptedId, ...input });
    scripted.reset();
    return token;
  };

  describe('at a strictly rotating provider', () => {
    it('brings a new pair, again and again', async () => {
      const { id } = await consented();
      const pairs = [await life.secrets(id)];

      for (const generation of [2, 3, 4]) {
        const { token, userErrors } = await life.mutate('refreshToken', { id });
        expect(userErrors).toEqual([]);
        expect(token).toMatchObject({ generation, connectionState: 'CONNECTED', hasRefreshToken: true });
        pairs.push(await life.secrets(id));
      }

      expect(new Set(pairs.flatMap((pair) => Object.values(pair))).size).toBe(8);
      expect(upstream.tokenCalls.map(({ status }) => status)).toEqual([200, 200, 200]);
    });

    it('is one for fifty callers at once', async () => {
      const { id } = await consented();

      const answers = await Promise.all(Array.from({ length: 50 }, () => life.mutate('refreshToken', { id })));

      expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([]);
      expect(upstream.tokenCalls.filter(({ status }) => status !== 200)).toEqual([]);
      expect((await life.mutate('refreshToken', { id })).userErrors).toEqual([]);
    });

    it('says plainly that the grant is dead, and keeps the access token while it lives', async () => {
      const { id } = await consented();
      const { accessToken, refreshToken } = await life.secrets(id);
      await fetch(`${upstream.issuer}/token/revocation`, {
        method: 'POST',
        headers: { authorization: basicAuthorization(upstream) },
        body: new URLSearchParams({ token: refreshToken ?? '' }),
      });

      const { token, userErrors } = await life.mutate('refreshToken', { id });

      expect(userErrors).toMatchObject([
        { code: 'REAUTHORIZATION_REQUIRED', providerError: { error: 'invalid_grant', permanent: true } },
      ]);
      expect(token).toMatchObject({ connectionState: 'ERROR', generation: 1, lastError: { error: 'invalid_grant' } });
      expect(await life.accessToken(id)).toMatchObject({ value: accessToken, errors: [] });
    });
  });

  it('sends nothing when the caller holds an older generation', async () => {
    const { id } = await connected();
    await life.mutate('refreshToken', { id });
    scripted.reset();

    const outdated = await life.mutate('refreshToken', { id, expectedGeneration: 1 });
    expect(outdated).toMatchObject({ token: { generation: 2 }, userErrors: [] });
    expect(scripted.calls).toEqual([]);

    const current = await life.mutate('refreshToken', { id, expectedGeneration: 2 });
    expect(current).toMatchObject({ token: { generation: 3 }, userErrors: [] });
    expect(scripted.tokenCalls).toHaveLength(1);
  });

  it('goes to the refresh endpoint where there is one', async () => {
    const { id } = await life.provider(
      { ...scripted.endpoints, refreshEndpoint: `${scripted.origin}/refresh` },
      SCRIPTED_CLIENT,
    );
    const token = await life.connected({ providerId: id });
    scripted.reset();
    scripted.next(json({ access_token: 'renewed' }));

    await life.mutate('refreshToken', { id: token.id });

    expect(scripted.calls.map(({ path }) => path)).toEqual(['/refresh']);
  });

  it('stays with the client that obtained the credential', async () => {
    const own = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const { id } = await life.connected({ providerId: own.id });
    await life.manager('mutation ($input: CreateClientInput!) { createClient(input: $input) { client { id } } }', {
      input: { providerId: own.id, name: 'Other', clientId: 'other', clientSecret: 'other-secret', isDefault: true },
    });
    scripted.reset();

    const { token } = await life.mutate('refreshToken', { id });

    expect(token).toMatchObject({ client: { id: own.clientId }, connectionState: 'CONNECTED' });
    expect(scripted.tokenCalls[0]?.authorization).toBe(
      `Basic ${Buffer.from(`${SCRIPTED_CLIENT.clientId}:${SCRIPTED_CLIENT.clientSecret}`).toString('base64')}`,
    );
  });

  it('and a rename and labels of the same moment both survive', async () => {
    const { id } = await connected({ labels: [{ name: 'team', value: 'before' }] });
    const gate = new Gate();
    scripted.next(gate.holding(json({ access_token: 'renewed', expires_in: 3600 })));

    const refresh = life.mutate('refreshToken', { id });
    await gate.reached();
    const name = `Renamed on ${database.dialect}`;
    const labels = [{ name: 'team', value: 'after' }];
    expect((await life.mutate('updateToken', { id, name, labels })).userErrors).toEqual([]);
    gate.release();

    expect(await refresh).toMatchObject({ token: { name, labels, generation: 2 }, userErrors: [] });
    expect(await life.find(id)).toMatchObject({ name, labels, generation: 2, connectionState: 'CONNECTED' });
    expect(await life.secrets(id)).toMatchObject({ accessToken: 'renewed' });
  });
});

function basicAuthorization({ clients: { basic } }: Upstream): string {
  const encoded = (text: string) => new URLSearchParams({ '': text }).toString().slice(1);
  return `Basic ${Buffer.from(`${encoded(basic.clientId)}:${encoded(basic.clientSecret ?? '')}`).toString('base64')}`;
}
