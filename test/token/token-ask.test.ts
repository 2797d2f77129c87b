import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { describeEachDatabase } from '../support/databases.js';
import { json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { freePort, TokenLife } from './token-life.js';

describeEachDatabase('what a token asks its provider for', (database) => {
  let life: TokenLife;
  let scripted: ScriptedProvider;
  let providerId: string;

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database, { port: await freePort() });
    providerId = (await life.provider(scripted.endpoints, SCRIPTED_CLIENT)).id;
  });
  afterAll(async () => {
    await life.stop();
    await scripted.close();
  });
  beforeEach(async () => {
    scripted.reset();
    await life.rows.calm();
  });

  const backFromProvider = async ({ url }: { url: string }): Promise<Response> => {
    const browser = new Browser();
    const there = await browser.follow(url, scripted.origin);
    const back = new URL(there.searchParams.get('redirect_uri') ?? '');
    back.search = new URLSearchParams({ code: 'the-code', state: there.searchParams.get('state') ?? '' }).toString();
    return browser.open(back.href);
  };

  const changeDefaults = async (id: string, defaultScopes: string[]): Promise<void> => {
    const { errors } = await life.manager(
      'mutation ($input: UpdateProviderInput!) { updateProvider(input: $input) { userErrors { code } } }',
      { input: { id, defaultScopes } },
    );
    expect(errors).toEqual([]);
  };

  it('is what a reset by a person was started for, from the link to the row', async () => {
    const { authorization, token } = await life.request({
      providerId,
      grantType: 'AUTHORIZATION_CODE',
      scopes: ['a'],
      resource: ['https://old.example.com/'],
      tokenParameters: [{ name: 'tenant', value: 'old' }],
    });
    await backFromProvider(authorization);
    scripted.reset();

    const reset = await life.mutate('resetToken', {
      id: token.id,
      scopes: ['b'],
      resource: ['https://new.example.com/'],
      tokenParameters: [{ name: 'tenant', value: 'new' }],
    });
    expect(await life.find(token.id)).toMatchObject({ scopes: ['a'], resource: ['https://old.example.com/'] });
    expect((await backFromProvider(reset.authorization)).status).toBe(200);

    expect(Object.fromEntries(scripted.tokenCalls[0]?.form ?? [])).toMatchObject({
      resource: 'https://new.example.com/',
      tenant: 'new',
    });
    const asked = { scopes: ['b'], grantedScopes: ['b'], resource: ['https://new.example.com/'], warnings: [] };
    expect(await life.find(token.id)).toMatchObject(asked);
  });

  it('is shown by default scopes too, as they were when it was asked', async () => {
    const { id: ownId } = await life.provider(
      { ...scripted.endpoints, defaultScopes: ['read', 'write'] },
      SCRIPTED_CLIENT,
    );
    scripted.next(json({ access_token: 'a', refresh_token: 'r', expires_in: 3600, scope: 'read' }));
    const narrowed = await life.connected({ providerId: ownId });
    scripted.next(json({ access_token: 'a', refresh_token: 'r', expires_in: 3600 }));
    const whole = await life.connected({ providerId: ownId });
    expect(narrowed).toMatchObject({
      scopes: ['read', 'write'],
      grantedScopes: ['read'],
      warnings: ['SCOPE_NARROWED'],
    });
    expect(whole).toMatchObject({ scopes: ['read', 'write'], grantedScopes: ['read', 'write'], warnings: [] });

    await changeDefaults(ownId, ['read']);

    expect(await life.find(narrowed.id)).toMatchObject({ scopes: ['read', 'write'], warnings: ['SCOPE_NARROWED'] });
    const refreshed = await life.mutate('refreshToken', { id: narrowed.id });
    expect(refreshed.token).toMatchObject({ scopes: ['read', 'write'], warnings: ['SCOPE_NARROWED'] });
    scripted.next(json({ access_token: 'a', refresh_token: 'r', expires_in: 3600, scope: 'read' }));
    const reset = await life.mutate('resetToken', { id: narrowed.id });
    expect(reset.token).toMatchObject({ scopes: ['read'], grantedScopes: ['read'], warnings: [] });
  });

  it('is what stood in the link, though the defaults change on the way', async () => {
    const { id: ownId } = await life.provider({ ...scripted.endpoints, defaultScopes: ['read'] }, SCRIPTED_CLIENT);
    const { authorization, token } = await life.request({ providerId: ownId, grantType: 'AUTHORIZATION_CODE' });
    await changeDefaults(ownId, ['read', 'write']);

    await backFromProvider(authorization);

    expect(await life.find(token.id)).toMatchObject({ scopes: ['read'], grantedScopes: ['read'], warnings: [] });
  });

  it('stays granted as before when a refresh does not say (RFC 6749 §6)', async () => {
    scripted.next(json({ access_token: 'a', refresh_token: 'r', expires_in: 3600, scope: 'read' }));
    const { id } = await life.connected({ providerId, scopes: ['read', 'write'] });

    const { token } = await life.mutate('refreshToken', { id });

    expect(token).toMatchObject({ grantedScopes: ['read'], warnings: ['SCOPE_NARROWED'], generation: 2 });
  });

  it('goes through the default client or a named one, never one for the other', async () => {
    const own = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);

    const { token, userErrors } = await life.request({ clientId: own.clientId });

    expect(token).toBeNull();
    expect(userErrors).toMatchObject([{ code: 'INVALID', field: ['useProviderClient'] }]);
    expect(scripted.calls).toEqual([]);
  });

  it('is refused as a whole before anything is stored: the name is free afterwards', async () => {
    const bare = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    await life.manager(
      'mutation ($input: UpdateProviderInput!) { updateProvider(input: $input) { userErrors { code } } }',
      { input: { id: bare.id, defaultClientId: null } },
    );
    const name = `Refused first on ${database.dialect}`;

    const refused = await life.request({ name, providerId: bare.id });
    expect(refused).toMatchObject({ token: null, userErrors: [{ code: 'REQUIRED', field: ['clientId'] }] });

    expect(await life.request({ name, providerId })).toMatchObject({ userErrors: [], token: { name } });
  });

  it('is shown in the last exchange, except what is secret at the token though plain at the provider', async () => {
    const parameters = { tokenParameters: [{ name: 'tenant_key', value: 'plain-at-the-provider' }] };
    const own = await life.provider({ ...scripted.endpoints, ...parameters }, SCRIPTED_CLIENT);

    const { lastExchange } = await life.connected({
      providerId: own.id,
      tokenParameters: [{ name: 'tenant_key', value: 'canary-of-the-token', secret: true }],
    });

    expect(scripted.tokenCalls[0]?.form.get('tenant_key')).toBe('canary-of-the-token');
    expect(lastExchange.curl).toContain("'tenant_key=[redacted 19]'");
    expect(JSON.stringify(lastExchange)).not.toContain('canary-of-the-token');
  });

  it('is never OAuth 1.0a, and the refusal names what there is', async () => {
    const { errors } = await life.manager(
      `mutation { requestToken(input: { name: "x", providerId: "${providerId}", grantType: OAUTH1 }) { token { id } } }`,
    );
    const { data } = await life.manager('{ __type(name: "GrantType") { description } }');

    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(errors[0]?.message).toContain('Value "OAUTH1" does not exist in "GrantType" enum');
    expect(data.__type.description).toContain('OAuth 1.0a is not offered');
  });
});
