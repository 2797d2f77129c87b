import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { describeEachDatabase } from '../support/databases.js';
import { Gate, json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { freePort, TokenLife } from './token-life.js';

const LATE = { access_token: 'late access', refresh_token: 'late refresh', expires_in: 3600 };

describeEachDatabase('what happens to a token while its exchange is under way', (database) => {
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

  const revoked = () => scripted.revocations.map(({ form }) => form.get('token'));
  const backFromProvider = async (browser: Browser, { url }: { url: string }): Promise<Response> => {
    const there = await browser.follow(url, scripted.origin);
    const back = new URL(there.searchParams.get('redirect_uri') ?? '');
    back.search = new URLSearchParams({ code: 'the-code', state: there.searchParams.get('state') ?? '' }).toString();
    return browser.open(back.href);
  };

  it('a code for a token that is deleted meanwhile is exchanged in vain, and its tokens are revoked', async () => {
    const { authorization, token } = await life.request({ providerId, grantType: 'AUTHORIZATION_CODE' });
    const gate = new Gate();
    scripted.next(gate.holding(json(LATE)));

    const page = backFromProvider(new Browser(), authorization);
    await gate.reached();
    const { data } = await life.manager(
      'mutation ($input: DeleteTokenInput!) { deleteToken(input: $input) { deletedId } }',
      { input: { id: token.id } },
    );
    expect(data.deleteToken.deletedId).toBe(token.id);
    gate.release();

    const { status } = await page;
    expect(status).toBe(400);
    expect(revoked()).toEqual(['late refresh', 'late access']);
  });

  it.each(['TOKEN', 'GRANT'])(
    'what comes for a token whose client is deleted meanwhile is not revoked at the provider; scope %s',
    async (revocationScope) => {
      const own = await life.provider({ ...scripted.endpoints, revocationScope }, SCRIPTED_CLIENT);
      const { id } = await life.connected({ providerId: own.id });
      scripted.reset();
      const gate = new Gate();
      scripted.next(gate.holding(json(LATE)));

      const refresh = life.mutate('refreshToken', { id });
      await gate.reached();
      const { data } = await life.manager(
        'mutation ($input: DeleteClientInput!) { deleteClient(input: $input) { deletedId userErrors { code } } }',
        { input: { id: own.clientId, cascade: true } },
      );
      expect(data.deleteClient).toEqual({ deletedId: own.clientId, userErrors: [] });
      gate.release();

      expect(await refresh).toMatchObject({ userErrors: [{ code: 'NOT_FOUND' }] });
      expect(revoked()).toEqual([]);
      expect(await life.rows.pendingRevocations(id)).toBe(0);
    },
  );

  it('a code for a token that is revoked meanwhile connects nothing, and the page says so', async () => {
    const { authorization, token } = await life.request({ providerId, grantType: 'AUTHORIZATION_CODE' });
    const gate = new Gate();
    scripted.next(gate.holding(json(LATE)));

    const page = backFromProvider(new Browser(), authorization);
    await gate.reached();
    await life.mutate('revokeToken', { id: token.id });
    gate.release();

    const answer = await page;
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('is revoked for good');
    expect(revoked()).toEqual(['late refresh', 'late access']);
  });

  it('a code for a provider that is switched off meanwhile is not exchanged', async () => {
    const own = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const { authorization, token } = await life.request({ providerId: own.id, grantType: 'AUTHORIZATION_CODE' });
    await life.manager(
      'mutation ($input: UpdateProviderInput!) { updateProvider(input: $input) { userErrors { code } } }',
      {
        input: { id: own.id, enabled: false },
      },
    );

    const page = await backFromProvider(new Browser(), authorization);

    expect(page.status).toBe(400);
    expect(await page.text()).toContain('switched off');
    expect(scripted.tokenCalls).toEqual([]);
    expect(await life.find(token.id)).toMatchObject({ connectionState: 'ERROR', lastError: { error: 'disabled' } });
  });

  it.each([
    ['TOKEN', ['access-of-bob']],
    ['GRANT', []],
  ])(
    'an answer of another account that nobody reads in time is refused while another owner is at it; scope %s',
    async (revocationScope, expected) => {
      const settings = { ...scripted.endpoints, revocationScope, userinfoEndpoint: `${scripted.origin}/userinfo` };
      const own = await life.provider(settings, SCRIPTED_CLIENT);
      const answerOf = (user: string) =>
        json({ access_token: `access-of-${user}`, refresh_token: 'of both', expires_in: 3600, user_id: user });
      const { authorization, token } = await life.request({ providerId: own.id, grantType: 'AUTHORIZATION_CODE' });
      scripted.next(answerOf('ada'));
      expect((await backFromProvider(new Browser(), authorization)).status).toBe(200);
      const again = await life.mutate('startAuthorization', { tokenId: token.id });
      const gate = new Gate();
      scripted.next(answerOf('bob'), gate.holding(json({})));
      const page = backFromProvider(new Browser(), again.authorization);
      await gate.reached();
      const newest = async () => (await life.rows.attempts(token.id)).at(-1);
      const attemptId = String((await newest())?.['id']);

      const taken = "UPDATE token SET leaseOwner = 'att_other', leaseUntilMs = ?, epoch = epoch + 1 WHERE id = ?";
      await life.rows.query(taken, [Date.now() + 3_600_000, token.id]);
      await life.rows.attemptStarted(attemptId, 600_000);
      while ((await newest())?.['state'] === 'ANSWERED') await new Promise((resolve) => setTimeout(resolve, 50));
      while (revoked().length < expected.length) await new Promise((resolve) => setTimeout(resolve, 50));

      expect(await newest()).toMatchObject({ id: attemptId, state: 'REFUSED', answer: null });
      expect(revoked()).toEqual(expected);
      expect(await life.rows.token(token.id)).toMatchObject({
        leaseOwner: 'att_other',
        generation: 1,
        connectionState: 'CONNECTED',
      });
      expect(await life.rows.auditCount('EXCHANGE_FAILED', token.id)).toBe(1);
      gate.release();
      expect((await page).status).toBe(400);
    },
  );
});
