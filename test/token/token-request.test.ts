import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { startUpstream, UPSTREAM_API, UPSTREAM_PASSWORD, type Upstream } from '../support/upstream.js';
import { Gate, json, ScriptedProvider } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const SCRIPTED_CLIENT = {
  clientId: 'scripted-client',
  clientSecret: 'scripted-secret',
  tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC',
} as const;

describeEachDatabase('a token request', (database) => {
  let life: TokenLife;
  let upstream: Upstream;
  let scripted: ScriptedProvider;
  let basic: { id: string; clientId: string };

  beforeAll(async () => {
    upstream = await startUpstream();
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database);
    basic = await life.provider(upstream.endpoints, upstream.clients.basic);
  });
  afterAll(async () => {
    await life.stop();
    await upstream.stop();
    await scripted.close();
  });
  beforeEach(() => {
    upstream.tokenCalls.length = 0;
    scripted.reset();
  });

  const scriptedProvider = (settings: object = {}) =>
    life.provider({ ...scripted.endpoints, ...settings }, SCRIPTED_CLIENT);

  describe('by CLIENT_CREDENTIALS', () => {
    it('yields a token that the provider knows, and says so', async () => {
      const { token, userErrors } = await life.request({ providerId: basic.id, scopes: ['api:read'] });

      expect(userErrors).toEqual([]);
      expect(token).toMatchObject({
        connectionState: 'CONNECTED',
        status: 'ACTIVE',
        active: true,
        generation: 1,
        grantedScopes: ['api:read'],
        hasRefreshToken: false,
        expiresIn: 3600,
        lastError: null,
        lastExchange: { httpStatus: 200 },
      });
      const { accessToken } = await life.secrets(token.id);
      expect(accessToken).toEqual(expect.any(String));
      expect(upstream.tokenCalls).toHaveLength(1);
      expect(JSON.stringify(token)).not.toContain(accessToken);
    });

    it.each([
      ['basic', true],
      ['post', false],
    ] as const)('proves the client by %s alone', async (method, inHeader) => {
      const { id } = await life.provider(upstream.endpoints, upstream.clients[method]);

      await life.connected({ providerId: id, scopes: ['api:read'] });

      const [call] = upstream.tokenCalls;
      expect(call?.status).toBe(200);
      expect(call?.authorization !== undefined).toBe(inHeader);
      expect(Object.keys(call?.parameters ?? {}).includes('client_secret')).toBe(!inHeader);
      expect(Object.keys(call?.parameters ?? {}).includes('client_id')).toBe(!inHeader);
    });

    it('sends resource and token parameters, those of the token winning over those of the provider', async () => {
      const { id } = await scriptedProvider({
        tokenParameters: [
          { name: 'audience', value: 'of the provider' },
          { name: 'tenant', value: 'acme' },
        ],
      });

      await life.connected({
        providerId: id,
        resource: [UPSTREAM_API, 'https://other.example.com/'],
        tokenParameters: [{ name: 'audience', value: 'of the token', secret: true }],
      });

      const form = scripted.tokenCalls[0]?.form ?? new URLSearchParams();
      expect(form.getAll('resource')).toEqual([UPSTREAM_API, 'https://other.example.com/']);
      expect(form.getAll('audience')).toEqual(['of the token']);
      expect(form.get('tenant')).toBe('acme');
      expect(form.getAll('grant_type')).toEqual(['client_credentials']);
    });

    it('reaches the resource it is for', async () => {
      const token = await life.connected({ providerId: basic.id, resource: [UPSTREAM_API], scopes: ['api:read'] });

      const { accessToken } = await life.secrets(token.id);
      const [, claims = ''] = accessToken?.split('.') ?? [];
      expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ aud: UPSTREAM_API });
    });
  });

  describe('by PASSWORD', () => {
    const login = { username: 'ada', password: UPSTREAM_PASSWORD };

    it('keeps the password sealed and renews by it', async () => {
      const token = await life.connected({
        providerId: basic.id,
        grantType: 'PASSWORD',
        scopes: ['api:read'],
        ...login,
      });
      const before = await life.secrets(token.id);

      const { token: renewed, userErrors } = await life.mutate('refreshToken', { id: token.id });

      expect(userErrors).toEqual([]);
      expect(renewed).toMatchObject({ generation: 2, connectionState: 'CONNECTED' });
      expect((await life.secrets(token.id)).accessToken).not.toBe(before.accessToken);
      expect(upstream.tokenCalls.map(({ parameters }) => parameters['grant_type'])).toEqual(['password', 'password']);
      const row = JSON.stringify(await life.rows.token(token.id));
      expect(row).not.toContain(UPSTREAM_PASSWORD);
      expect(row).not.toContain(before.accessToken);
    });

    it('leaves the token with its error when the password is wrong', async () => {
      const { token, userErrors } = await life.request({
        providerId: basic.id,
        grantType: 'PASSWORD',
        username: 'ada',
        password: 'a wrong one, kept out of sight',
      });

      expect(userErrors).toMatchObject([{ providerError: { error: 'invalid_grant', permanent: true } }]);
      expect(token).toMatchObject({ connectionState: 'ERROR', status: 'PENDING', lastError: { httpStatus: 400 } });
      expect(JSON.stringify(token)).not.toContain('kept out of sight');
    });
  });

  describe('that fails', () => {
    const wrongSecret = { ...SCRIPTED_CLIENT, clientSecret: 'wrong' };

    it('is stored with its error, and asked again after the secret was corrected', async () => {
      const provider = await life.provider(upstream.endpoints, { ...upstream.clients.basic, clientSecret: 'wrong' });
      const failed = await life.request({ providerId: provider.id, scopes: ['api:read'] });
      expect(failed.userErrors).toMatchObject([
        { code: 'PROVIDER_REJECTED', providerError: { error: 'invalid_client', httpStatus: 401 } },
      ]);
      expect(failed.userErrors[0].message).toContain('refused the client');
      expect(failed.token).toMatchObject({
        connectionState: 'ERROR',
        status: 'PENDING',
        active: false,
        lastError: { error: 'invalid_client' },
      });
      await life.manager(
        `mutation ($input: RotateClientSecretInput!) { rotateClientSecret(input: $input) { userErrors { message } } }`,
        { input: { id: provider.clientId, clientSecret: upstream.clients.basic.clientSecret } },
      );

      const retried = await life.mutate('retryTokenRequest', { id: failed.token.id });

      expect(retried.userErrors).toEqual([]);
      expect(retried.token).toMatchObject({
        id: failed.token.id,
        connectionState: 'CONNECTED',
        status: 'ACTIVE',
        grantedScopes: ['api:read'],
        lastError: null,
      });
    });

    it('takes the default client of the moment for a retry', async () => {
      const provider = await life.provider(upstream.endpoints, wrongSecret);
      const failed = await life.request({ providerId: provider.id });
      const { clientId, clientSecret } = upstream.clients.basic;
      const { data } = await life.manager(
        'mutation ($input: CreateClientInput!) { createClient(input: $input) { client { id } } }',
        { input: { providerId: provider.id, name: 'Right', clientId, clientSecret, isDefault: true } },
      );

      const { token } = await life.mutate('retryTokenRequest', { id: failed.token.id });

      expect(token).toMatchObject({ connectionState: 'CONNECTED', client: { id: data.createClient.client.id } });
    });

    it('is the only kind to be asked again', async () => {
      const token = await life.connected({ providerId: basic.id });
      upstream.tokenCalls.length = 0;

      const { userErrors } = await life.mutate('retryTokenRequest', { id: token.id });

      expect(userErrors).toMatchObject([{ code: 'CONFLICT', field: ['id'] }]);
      expect(upstream.tokenCalls).toEqual([]);
    });
  });

  describe('with an idempotency key', () => {
    const input = () => ({
      name: `Once ${Math.random()}`,
      providerId: basic.id,
      idempotencyKey: `key ${Math.random()}`,
    });

    it('has one effect, whether it is repeated later or at once', async () => {
      const { id } = await scriptedProvider();
      const gate = new Gate();
      scripted.next(gate.holding(json({ access_token: 'the only one', expires_in: 3600 })));
      const same = { ...input(), providerId: id };

      const calls = [life.request(same), life.request(same)];
      await gate.reached();
      gate.release();
      const [first, second] = await Promise.all(calls);
      const third = await life.request(same);

      expect(first.token).toMatchObject({ connectionState: 'CONNECTED', generation: 1 });
      expect([second.token, third.token]).toEqual([first.token, first.token]);
      expect([first, second, third].flatMap(({ userErrors }) => userErrors)).toEqual([]);
      expect(scripted.tokenCalls).toHaveLength(1);
    });

    it('tells the failure of the first call again', async () => {
      const { id } = await scriptedProvider();
      scripted.next(json({ error: 'invalid_scope' }, 400));
      const same = { ...input(), providerId: id };

      const first = await life.request(same);
      const second = await life.request(same);

      expect(second.token.id).toBe(first.token.id);
      expect(second.userErrors).toEqual(first.userErrors);
      expect(scripted.tokenCalls).toHaveLength(1);
    });

    it('is refused with another input', async () => {
      const same = input();
      await life.request(same);

      const { userErrors } = await life.request({ ...same, scopes: ['api:write'] });

      expect(userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
    });
  });
});
