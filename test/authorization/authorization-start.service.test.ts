import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { describeEachDatabase } from '../support/databases.js';
import { BrowserHub } from './browser-hub.js';

describeEachDatabase('a journey', (testDatabase) => {
  let hub: BrowserHub;

  beforeAll(async () => {
    hub = await BrowserHub.start({ databaseUrl: await testDatabase.freshUrl() });
  });
  afterAll(() => hub.stop());

  it('keeps several journeys apart, whichever comes back first', async () => {
    const browser = new Browser();
    const [one, two] = [await hub.request('journey one'), await hub.request('journey two')];
    const first = await hub.consent(one, {}, browser);
    const second = await hub.consent(two, {}, browser);

    const pages = [await hub.open(second, browser), await hub.open(first, browser)];

    expect(pages.map(({ text }) => /journey \w+ is connected/.exec(text)?.[0])).toEqual([
      'journey two is connected',
      'journey one is connected',
    ]);
  });

  describe('with another account', () => {
    it('is refused, and the former one stays', async () => {
      const { before, link } = await hub.connected('changed account');

      const page = await hub.connect(link, { login: 'eve' });

      expect(page.status).toBe(400);
      expect(page.text).toContain('Another account consented');
      await hub.expectIntact(before, 'account_mismatch');
    });

    it('is welcome where that was asked for', async () => {
      const { before } = await hub.connected('welcome account');
      const link = await hub.startAuthorization(before.id, { allowOtherAccount: true });

      const page = await hub.connect(link, { login: 'eve' });

      expect(page.status).toBe(200);
      expect(await hub.token(before.id)).toMatchObject({
        account: { subject: 'eve' },
        generation: 2,
        connectionState: 'CONNECTED',
      });
    });
  });

  it('has the former credential served until the new one is stored', async () => {
    const { before, link } = await hub.connected('in place');
    const browser = new Browser();
    const callback = await hub.consent(link, {}, browser);
    expect(await hub.token(before.id)).toEqual(before);

    await hub.open(callback, browser);

    const after = await hub.token(before.id);
    expect(after).toMatchObject({ id: before.id, generation: 2, connectionState: 'CONNECTED' });
    expect(after.accessToken).not.toBe(before.accessToken);
  });

  it('brings the scopes of a reset, which count from the new credential on', async () => {
    const { before } = await hub.connected('reset');
    const { data } = await hub.ask(
      `mutation ($input: ResetTokenInput!) { resetToken(input: $input) {
         outcome token { scopes generation } authorization { url state expiresAt } userErrors { code } } }`,
      { input: { id: before.id, scopes: ['openid', 'email', 'api:write'] } },
    );
    const { authorization, ...answer } = data.resetToken;
    expect(answer).toMatchObject({ outcome: null, userErrors: [], token: { generation: 1 } });
    expect(await hub.token(before.id)).toEqual(before);

    const callback = await hub.connect({ ...authorization, tokenId: before.id });

    expect(callback.status).toBe(200);
    expect(await hub.token(before.id)).toMatchObject({
      scopes: ['openid', 'email', 'api:write'],
      grantedScopes: ['openid', 'email', 'api:write'],
      generation: 2,
    });
  });

  it('leaves the scopes of a token alone when its reset is denied', async () => {
    const { before } = await hub.connected('denied reset');
    const { data } = await hub.ask(
      'mutation ($input: ResetTokenInput!) { resetToken(input: $input) { authorization { url state expiresAt } } }',
      { input: { id: before.id, scopes: ['openid', 'api:write'] } },
    );

    await hub.connect({ ...data.resetToken.authorization, tokenId: before.id }, { deny: true });

    await hub.expectIntact(before, 'access_denied');
  });
});
