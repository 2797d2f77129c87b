import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { describeEachDatabase } from '../support/databases.js';
import { startUpstream, type Upstream } from '../support/upstream.js';
import { Gate, json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { freePort, TokenLife } from './token-life.js';

const SCOPES = ['openid', 'email', 'offline_access', 'api:read'];

describeEachDatabase('a token that a person connects', (database) => {
  let life: TokenLife;
  let upstream: Upstream;
  let scripted: ScriptedProvider;
  let realId: string;

  beforeAll(async () => {
    const port = await freePort();
    upstream = await startUpstream({ redirectUris: [`http://localhost:${port}/oauth/callback/real`] });
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database, { port });
    realId = (await life.provider({ ...upstream.endpoints, key: 'real' }, upstream.clients.post)).id;
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

  const requested = (input: object = {}) =>
    life.request({ providerId: realId, grantType: 'AUTHORIZATION_CODE', scopes: SCOPES, ...input });

  /** Opens the link as far as the scripted provider, and comes back from there with a code. */
  const backFromScripted = async (browser: Browser, { url }: { url: string }): Promise<Response> => {
    const there = await browser.follow(url, scripted.origin);
    const back = new URL(there.searchParams.get('redirect_uri') ?? '');
    back.search = new URLSearchParams({
      code: 'the-code',
      state: there.searchParams.get('state') ?? '',
    }).toString();
    return browser.open(back.href);
  };

  it('goes from PENDING to CONNECTED, with the account and no secret on the page', async () => {
    const { authorization, token, userErrors } = await requested({
      authorizationParameters: [{ name: 'login_hint', value: 'ada@example.com' }],
    });
    expect(userErrors).toEqual([]);
    expect(token).toMatchObject({ status: 'PENDING', connectionState: 'DEFAULT', generation: 0, active: false });
    expect(authorization.url).toMatch(new RegExp(`^${life.publicUrl}/oauth/start/`));
    expect(upstream.tokenCalls).toEqual([]);

    const page = await life.consent(new Browser(), authorization);

    expect(page.status).toBe(200);
    const found = await life.find(token.id);
    expect(found).toMatchObject({
      status: 'ACTIVE',
      connectionState: 'CONNECTED',
      generation: 1,
      hasRefreshToken: true,
      // OpenID Connect Core §11: without prompt=consent there is no offline_access.
      grantedScopes: SCOPES.filter((scope) => scope !== 'offline_access'),
      // There is a refresh token all the same: what that scope asks for has come.
      warnings: [],
      // The address is not in the ID token: it comes from userinfo.
      account: { subject: 'ada', email: 'ada@example.com' },
    });
    const { accessToken, refreshToken } = await life.secrets(token.id);
    const shown = `${await page.text()}${JSON.stringify(found)}`;
    expect([accessToken, refreshToken].filter((each) => shown.includes(each ?? ''))).toEqual([]);
    expect(upstream.tokenCalls).toMatchObject([{ status: 200, parameters: { grant_type: 'authorization_code' } }]);
    expect(Object.keys(upstream.tokenCalls[0]?.parameters ?? {})).not.toContain('login_hint');
  });

  it('is in ERROR with a page in words when consent is denied, and can be asked again', async () => {
    const { authorization, token } = await requested();

    const page = await life.consent(new Browser(), authorization, { deny: true });

    expect(page.status).toBe(400);
    expect(await page.text()).toContain('Access was not granted');
    expect(await life.find(token.id)).toMatchObject({
      connectionState: 'ERROR',
      status: 'PENDING',
      lastError: { error: 'access_denied' },
    });
    const again = await life.mutate('retryTokenRequest', { id: token.id });
    expect((await life.consent(new Browser(), again.authorization)).status).toBe(200);
    expect(await life.find(token.id)).toMatchObject({ connectionState: 'CONNECTED', lastError: null });
  });

  it('has one effect for an idempotency key; the link is shown once', async () => {
    const input = { name: 'Linked once', idempotencyKey: 'link once' };
    const first = await requested(input);

    const second = await requested(input);

    expect(second.token.id).toBe(first.token.id);
    expect(second.authorization).toBeNull();
    expect(second.userErrors).toMatchObject([{ code: 'SECRET_ALREADY_SHOWN' }]);
    expect(second.userErrors[0].message).toContain('startAuthorization');
  });

  it('keeps its credential when another account consents, unless that is allowed', async () => {
    const { authorization, token } = await requested();
    await life.consent(new Browser(), authorization, { login: 'ada' });
    const before = await life.secrets(token.id);

    const refused = await life.mutate('startAuthorization', { tokenId: token.id });
    const page = await life.consent(new Browser(), refused.authorization, { login: 'bob' });

    expect(page.status).toBe(400);
    expect(await life.find(token.id)).toMatchObject({
      account: { subject: 'ada' },
      connectionState: 'ERROR',
      status: 'ACTIVE',
      generation: 1,
      lastError: { code: 'ACCOUNT_MISMATCH', error: 'account_mismatch' },
    });
    expect(await life.secrets(token.id)).toEqual(before);

    const allowed = await life.mutate('startAuthorization', { tokenId: token.id, allowOtherAccount: true });
    expect((await life.consent(new Browser(), allowed.authorization, { login: 'bob' })).status).toBe(200);
    expect(await life.find(token.id)).toMatchObject({ account: { subject: 'bob' }, connectionState: 'CONNECTED' });
  });

  it.each([
    ['TOKEN', ['refresh-of-bob', 'access-of-bob']],
    ['GRANT', []],
    ['UNKNOWN', []],
  ])('of another account is revoked at the provider where revocation is of the %s', async (revocationScope, sent) => {
    const key = `${revocationScope.toLowerCase()}-${database.dialect}`;
    const { id } = await life.provider({ ...scripted.endpoints, key, revocationScope }, SCRIPTED_CLIENT);
    const { authorization, token } = await requested({ providerId: id });
    const browser = new Browser();
    const answerOf = (user: string) => ({ access_token: `access-of-${user}`, expires_in: 3600, user_id: user });
    scripted.next(json({ ...answerOf('ada'), refresh_token: 'refresh-of-ada' }));
    await backFromScripted(browser, authorization);
    const again = await life.mutate('startAuthorization', { tokenId: token.id });
    // It does not answer to the first revocation: what is stored is sent again.
    scripted.next(json({ ...answerOf('bob'), refresh_token: 'refresh-of-bob' }), json({}, 503));

    expect((await backFromScripted(browser, again.authorization)).status).toBe(400);

    expect(await life.find(token.id)).toMatchObject({ generation: 1, lastError: { code: 'ACCOUNT_MISMATCH' } });
    expect(scripted.revocations.map(({ form }) => form.get('token'))).toEqual(sent);
    expect(await life.rows.pendingRevocations(token.id)).toBe(sent.length === 0 ? 0 : 1);
    expect(await life.secrets(token.id)).toEqual({ accessToken: 'access-of-ada', refreshToken: 'refresh-of-ada' });
  });

  it('of another account is not revoked where it is what the token has', async () => {
    const key = `same-${database.dialect}`;
    const { id } = await life.provider({ ...scripted.endpoints, key, revocationScope: 'TOKEN' }, SCRIPTED_CLIENT);
    const { authorization, token } = await requested({ providerId: id });
    const browser = new Browser();
    scripted.next(json({ access_token: 'the-only-one', expires_in: 3600, user_id: 'ada' }));
    await backFromScripted(browser, authorization);
    const again = await life.mutate('startAuthorization', { tokenId: token.id });
    scripted.next(json({ access_token: 'the-only-one', expires_in: 3600 }));

    expect((await backFromScripted(browser, again.authorization)).status).toBe(400);

    expect(await life.find(token.id)).toMatchObject({ lastError: { error: 'account_unknown' } });
    expect(scripted.revocations).toEqual([]);
  });

  it('keeps its credential when nobody tells whose account consented, unless that is allowed', async () => {
    const { id } = await life.provider({ ...scripted.endpoints, key: `silent-${database.dialect}` }, SCRIPTED_CLIENT);
    const { authorization, token } = await requested({ providerId: id });
    const browser = new Browser();
    scripted.next(json({ access_token: 'of-ada', expires_in: 3600, user_id: 'ada' }));
    await backFromScripted(browser, authorization);
    const before = await life.secrets(token.id);

    const again = await life.mutate('startAuthorization', { tokenId: token.id });
    scripted.next(json({ access_token: 'of-nobody-knows', expires_in: 3600 }));
    const page = await backFromScripted(browser, again.authorization);

    expect(page.status).toBe(400);
    expect(await life.find(token.id)).toMatchObject({ generation: 1, lastError: { error: 'account_unknown' } });
    expect(await life.secrets(token.id)).toEqual(before);

    const allowed = await life.mutate('startAuthorization', { tokenId: token.id, allowOtherAccount: true });
    scripted.next(json({ access_token: 'of-nobody-knows', expires_in: 3600 }));
    expect((await backFromScripted(browser, allowed.authorization)).status).toBe(200);
    expect((await life.secrets(token.id)).accessToken).toBe('of-nobody-knows');
  });

  it('is refused without a refresh token where the provider has to give one, and nothing half-saved is usable', async () => {
    const { id } = await life.provider({ ...scripted.endpoints, requireRefreshToken: true }, SCRIPTED_CLIENT);
    const { authorization, token } = await requested({ providerId: id });
    scripted.next(json({ access_token: 'half', expires_in: 3600 }));

    const page = await backFromScripted(new Browser(), authorization);

    expect(page.status).toBe(400);
    expect(await page.text()).toContain('connect again');
    const found = await life.find(token.id);
    expect(found).toMatchObject({ connectionState: 'ERROR', status: 'PENDING', active: false, generation: 0 });
    expect(found.lastError).toMatchObject({ code: 'REFRESH_TOKEN_NOT_RETURNED', error: 'refresh_token_missing' });
    expect(found.lastError.message).toContain("Remove this application's access");
    expect(await life.secrets(token.id)).toEqual({ accessToken: null, refreshToken: null });
  });

  it('gets its code exchanged though a refresh is under way', async () => {
    const { id } = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const { authorization, token } = await requested({ providerId: id });
    await backFromScripted(new Browser(), authorization);
    const browser = new Browser();
    const again = await life.mutate('startAuthorization', { tokenId: token.id });
    const gate = new Gate();
    scripted.reset();
    scripted.next(gate.holding(json({ access_token: 'refreshed', refresh_token: 'rotated', expires_in: 3600 })));

    const refresh = life.mutate('refreshToken', { id: token.id });
    await gate.reached();
    const page = backFromScripted(browser, again.authorization);
    expect(await life.find(token.id)).toMatchObject({ generation: 1 });
    gate.release();

    expect((await refresh).userErrors).toEqual([]);
    expect((await page).status).toBe(200);
    expect(scripted.tokenCalls.map(({ form }) => form.get('code'))).toEqual([null, 'the-code']);
    expect(await life.find(token.id)).toMatchObject({ generation: 3, connectionState: 'CONNECTED' });
  });
});
