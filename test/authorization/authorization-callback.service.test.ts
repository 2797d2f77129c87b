import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { describeEachDatabase } from '../support/databases.js';
import { BrowserHub } from './browser-hub.js';

describeEachDatabase('a browser that comes back', (testDatabase) => {
  let hub: BrowserHub;

  beforeAll(async () => {
    hub = await BrowserHub.start({ databaseUrl: await testDatabase.freshUrl() });
    await hub.createProvider('other');
  });
  afterAll(() => hub.stop());

  const tokenCalls = () => hub.upstream.tokenCalls.length;

  it('connects the token with the code', async () => {
    const link = await hub.request('first');

    const page = await hub.connect(link);

    expect(page.status).toBe(200);
    expect(page.text).toContain('first is connected');
    expect(await hub.token(link.tokenId)).toMatchObject({
      connectionState: 'CONNECTED',
      status: 'ACTIVE',
      generation: 1,
      grantedScopes: ['openid', 'email', 'api:read'],
      account: { subject: 'ada' },
      lastError: null,
    });
    expect((await hub.events(link.tokenId)).map(({ action, actorName }) => [action, actorName])).toEqual(
      expect.arrayContaining([
        ['AUTHORIZATION_STARTED', expect.any(String)],
        ['TOKEN_OBTAINED', 'browser'],
      ]),
    );
  });

  it('is told when consent was denied, and what was connected before stays so', async () => {
    const { before, link } = await hub.connected('denied');
    const calls = tokenCalls();

    const page = await hub.connect(link, { deny: true });

    expect(page.status).toBe(400);
    expect(page.text).toContain('Access was not granted');
    expect(tokenCalls()).toBe(calls);
    await hub.expectIntact(before, 'access_denied');
    expect(await hub.events(before.id)).toContainEqual({
      action: 'AUTHORIZATION_REFUSED',
      actorName: 'browser',
      success: false,
      detail: { error: 'access_denied' },
    });
  });

  it('marks a token that was never connected when consent was denied', async () => {
    const link = await hub.request('denied at first');

    await hub.connect(link, { deny: true });

    expect(await hub.token(link.tokenId)).toMatchObject({
      connectionState: 'ERROR',
      status: 'PENDING',
      lastError: { error: 'access_denied' },
      accessToken: null,
    });
  });

  it('knows no state but its own, and the journey goes on', async () => {
    const { before, link } = await hub.connected('wrong state');
    const browser = new Browser();
    const callback = await hub.consent(link, {}, browser);
    const calls = tokenCalls();
    const foreign = new URL(callback);
    foreign.searchParams.set('state', 'AAAAAAAAAAAAAAAAAAAAAA');

    const page = await hub.open(foreign, browser);

    expect(page.status).toBe(400);
    expect(page.text).toContain('This link is not known here');
    expect(tokenCalls()).toBe(calls);
    await hub.expectIntact(before, 'state_unknown');
    expect((await hub.open(callback, browser)).status).toBe(200);
    expect(await hub.token(before.id)).toMatchObject({ connectionState: 'CONNECTED', lastError: null });
  });

  it('marks no token for an unknown state when it is on no journey, or on several', async () => {
    const one = await hub.request('one of two');
    const two = await hub.request('two of two');
    const browser = new Browser();
    await hub.consent(one, {}, browser);
    await hub.consent(two, {}, browser);
    const unknown = new URL(`${hub.publicUrl}/oauth/callback/upstream?code=c&state=AAAAAAAAAAAAAAAAAAAAAA`);

    const pages = [await hub.open(unknown, browser), await hub.open(unknown, new Browser())];

    expect(pages.map(({ status }) => status)).toEqual([400, 400]);
    for (const { tokenId } of [one, two]) {
      expect(await hub.token(tokenId)).toMatchObject({ connectionState: 'DEFAULT', lastError: null });
    }
  });

  it('takes an answer once', async () => {
    const { before, link } = await hub.connected('replayed');
    const browser = new Browser();
    const page = await hub.connect(link, {}, browser);
    const calls = tokenCalls();
    const after = await hub.token(before.id);

    const again = await hub.open(page.url, browser);

    expect(again.status).toBe(400);
    expect(again.text).toContain('This answer came before');
    expect(tokenCalls()).toBe(calls);
    await hub.expectIntact(after, 'state_replayed');
  });

  it('spends a code once, however often its answer comes at the same time', async () => {
    const link = await hub.request('hurried');
    const browser = new Browser();
    const callback = await hub.consent(link, {}, browser);
    const calls = tokenCalls();

    const pages = await Promise.all([1, 2, 3, 4].map(() => hub.open(callback, browser)));

    expect(pages.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
    expect(tokenCalls()).toBe(calls + 1);
    expect(await hub.token(link.tokenId)).toMatchObject({ status: 'ACTIVE', generation: 1 });
  });

  it.each([
    ['another browser', new Browser()],
    ['a browser that is on another journey', undefined],
  ])('takes no answer from %s', async (case_, given) => {
    const { before, link } = await hub.connected(`cookie of ${case_}`);
    const callback = await hub.consent(link);
    const calls = tokenCalls();
    const stranger = given ?? new Browser();
    if (!given) await hub.consent(await hub.request(`own journey of ${case_}`), { login: 'eve' }, stranger);

    const page = await hub.open(callback, stranger);

    expect(page.status).toBe(400);
    expect(page.text).toContain('This browser did not start here');
    expect(tokenCalls()).toBe(calls);
    await hub.expectIntact(before, 'cookie_missing');
  });

  it('takes no answer after ten minutes', async () => {
    const { before, link } = await hub.connected('late answer');
    const browser = new Browser();
    const callback = await hub.consent(link, {}, browser);
    const calls = tokenCalls();
    await hub.expire(link);

    const page = await hub.open(callback, browser);

    expect(page.status).toBe(400);
    expect(page.text).toContain('This took too long');
    expect(tokenCalls()).toBe(calls);
    await hub.expectIntact(before, 'state_expired');
  });

  it.each(['code', 'iss'])('takes no answer with two values of %s', async (name) => {
    const { before, link } = await hub.connected(`two of ${name}`);
    const browser = new Browser();
    const callback = await hub.consent(link, {}, browser);
    const calls = tokenCalls();
    callback.searchParams.append(name, callback.searchParams.get(name) ?? '');

    const page = await hub.open(callback, browser);

    expect(page.status).toBe(400);
    expect(page.text).toContain(`the parameter ${name} twice`);
    expect(tokenCalls()).toBe(calls);
    await hub.expectIntact(before, 'duplicate_parameter');
  });

  it('takes no answer with two states', async () => {
    const link = await hub.request('two states');
    const browser = new Browser();
    const callback = await hub.consent(link, {}, browser);
    callback.searchParams.append('state', link.state);

    const page = await hub.open(callback, browser);

    expect(page.status).toBe(400);
    expect(await hub.token(link.tokenId)).toMatchObject({ connectionState: 'ERROR', status: 'PENDING' });
  });

  it.each([
    ['the callback of another provider', '/oauth/callback/other'],
    ['a callback of no provider', '/oauth/callback/nobody'],
    ['the callback without a provider', '/oauth/callback'],
  ])('takes no answer at %s', async (case_, pathname) => {
    const { before, link } = await hub.connected(`answer at ${case_}`);
    const browser = new Browser();
    const callback = await hub.consent(link, {}, browser);
    const calls = tokenCalls();

    const page = await hub.open(new URL(`${pathname}${callback.search}`, callback), browser);

    expect(page.status).toBe(400);
    expect(page.text).toContain('This answer is for another provider');
    expect(tokenCalls()).toBe(calls);
    await hub.expectIntact(before, 'wrong_callback');
  });

  it('takes no answer that names another issuer', async () => {
    const { before, link } = await hub.connected('other issuer');
    const browser = new Browser();
    const callback = await hub.consent(link, {}, browser);
    const calls = tokenCalls();
    callback.searchParams.set('iss', 'https://attacker.example');

    const page = await hub.open(callback, browser);

    expect(page.status).toBe(400);
    expect(page.text).toContain('names another issuer');
    expect(tokenCalls()).toBe(calls);
    await hub.expectIntact(before, 'issuer_mismatch');
  });

  it('is told what the provider says of a code that is not good', async () => {
    const { before, link } = await hub.connected('forged code');
    const browser = new Browser();
    const callback = await hub.consent(link, {}, browser);
    callback.searchParams.set('code', 'a-code-of-somebody-else');

    const page = await hub.open(callback, browser);

    expect(page.status).toBe(400);
    expect(page.text).toContain('invalid_grant');
    expect(page.text).not.toContain('a-code-of-somebody-else');
    const after = await hub.token(before.id);
    expect(after).toMatchObject({ connectionState: 'ERROR', accessToken: before.accessToken, generation: 1 });
  });

  it('says so when the token was revoked meanwhile', async () => {
    const { before, link } = await hub.connected('revoked on the way');
    const browser = new Browser();
    const callback = await hub.consent(link, {}, browser);
    const calls = tokenCalls();
    await hub.ask('mutation ($id: ID!) { revokeToken(input: { id: $id }) { outcome } }', { id: before.id });

    const page = await hub.open(callback, browser);

    expect(page.status).toBe(400);
    expect(page.text).toContain('is revoked');
    expect(tokenCalls()).toBe(calls);
    expect((await hub.token(before.id)).status).toBe('REVOKED');
  });

  it('finds nothing when the token was deleted meanwhile', async () => {
    const link = await hub.request('deleted on the way');
    const browser = new Browser();
    const callback = await hub.consent(link, {}, browser);
    await hub.ask('mutation ($id: ID!) { deleteToken(input: { id: $id }) { deletedId } }', { id: link.tokenId });

    expect((await hub.open(callback, browser)).text).toContain('This link is not known here');
  });
});
