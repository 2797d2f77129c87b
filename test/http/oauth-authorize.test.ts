import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientEntity } from '../../src/client/client.entity.js';
import { isValueText, valueHash } from '../../src/issued-value/value-text.js';
import { codeChallenge } from '../../src/oauth/authorization-binding.js';
import { describeEachDatabase } from '../support/databases.js';
import { trailOf } from '../support/trail.js';
import { AuthorizeHub, type Person, PUBLIC_URL, REDIRECT_URI, VERIFIER } from './authorize-hub.js';

describeEachDatabase('the way of a browser through the authorization endpoint', (testDatabase) => {
  let hub: AuthorizeHub;
  let client: ClientEntity;
  let person: Person;
  beforeAll(async () => {
    hub = await AuthorizeHub.start({ databaseUrl: await testDatabase.freshUrl() });
    client = await hub.client({ name: 'The App' });
    person = await hub.person({ name: 'Grace' });
  });
  afterAll(() => hub.stop());

  /** Nobody spends the code. */
  async function consentTo(given: ClientEntity, scopes: string): Promise<void> {
    const visitor = await hub.loggedIn(person, given);
    await visitor.open(hub.link(given, { prompt: 'consent', scope: scopes }));
    await visitor.submit({ decision: 'allow' });
  }

  it('leads by login and consent to the client, with a code for it', async () => {
    const visitor = hub.visitor();

    await visitor.open(hub.link(client, { resource: 'https://api.example.com/' }));
    expect(visitor.text).toContain('<h1>Log in</h1>');
    expect(visitor.text).toContain('<bdi>The App</bdi>');
    await visitor.login(person);
    expect(visitor.text).toContain('Allow <bdi>The App</bdi> to act as you?');
    await visitor.submit({ decision: 'allow' });

    expect([visitor.status, visitor.location?.split('?')[0]]).toEqual([303, REDIRECT_URI]);
    const { code = '', ...rest } = visitor.answer;
    expect(rest).toEqual({ state: 'the state', iss: PUBLIC_URL });
    expect(isValueText('code', code)).toBe(true);
    const [session] = await hub.sessionsOf(person);
    expect(await hub.codeRow(client)).toMatchObject({
      hash: valueHash(code),
      clientId: client.id,
      userId: person.id,
      scopes: '["openid","hub:read"]',
      resource: '["https://api.example.com/"]',
      redirectUri: REDIRECT_URI,
      codeChallenge: codeChallenge(VERIFIER),
      nonce: 'the nonce',
      authenticatedAt: session?.['createdAt'],
      usedAt: null,
    });
  });

  it('asks a person who is logged in for consent only', async () => {
    const visitor = await hub.loggedIn(person, client);

    await visitor.open(hub.link(client));
    expect(visitor.text).not.toContain('<h1>Log in</h1>');
    await visitor.submit({ decision: 'allow' });

    expect(visitor.answer).toMatchObject({ state: 'the state', code: expect.any(String) });
  });

  it('tells the client when the person does not consent, and the audit trail who that was', async () => {
    const denied = await hub.client();
    const visitor = await hub.loggedIn(person, denied);

    await visitor.open(hub.link(denied));
    await visitor.submit({ decision: 'deny' });

    expect(visitor.status).toBe(303);
    expect(visitor.answer).toEqual({
      error: 'access_denied',
      error_description: expect.any(String),
      state: 'the state',
      iss: PUBLIC_URL,
    });
    expect(await hub.codeRow(denied)).toBeUndefined();
    expect(await trailOf(hub.ask, denied.id)).toMatchObject([
      { action: 'CONSENT_DENIED', actor: { id: person.id }, success: false },
    ]);
  });

  it('takes nothing but yes for a yes', async () => {
    const visitor = await hub.loggedIn(person, client);

    await visitor.submit({});

    expect(visitor.answer).toMatchObject({ error: 'access_denied' });
  });

  it('is as short as can be where the client is trusted', async () => {
    const trusted = await hub.client({ trusted: true });
    const visitor = hub.visitor();

    await visitor.open(hub.link(trusted));
    await visitor.login(person);
    expect(visitor.answer).toMatchObject({ code: expect.any(String), state: 'the state' });
    await visitor.open(hub.link(trusted));

    expect([visitor.status, visitor.answer['state']]).toEqual([302, 'the state']);
    expect((await trailOf(hub.ask, trusted.id)).map(({ action, actor }) => [action, actor?.id])).toEqual(
      Array(2).fill(['AUTHORIZATION_CODE_ISSUED', person.id]),
    );
  });

  it('asks for consent of a trusted client too when the client wants it', async () => {
    const trusted = await hub.client({ trusted: true });
    const visitor = await hub.loggedIn(person, trusted);

    await visitor.open(hub.link(trusted, { prompt: 'consent' }));

    expect(visitor.text).toContain('value="allow"');
  });

  it('asks again after a consent of which no token lives', async () => {
    const asking = await hub.client();
    await consentTo(asking, 'openid');
    const visitor = await hub.loggedIn(person, asking);

    await visitor.open(hub.link(asking, { scope: 'openid' }));

    expect(visitor.text).toContain('value="allow"');
  });

  describe('with prompt', () => {
    it('none: gives a code only where nobody has to be asked', async () => {
      const trusted = await hub.client({ trusted: true });
      const stranger = hub.visitor();
      const visitor = await hub.loggedIn(person, client);

      await stranger.open(hub.link(trusted, { prompt: 'none' }));
      expect([stranger.status, stranger.answer]).toEqual([
        302,
        { error: 'login_required', error_description: expect.any(String), state: 'the state', iss: PUBLIC_URL },
      ]);
      await visitor.open(hub.link(client, { prompt: 'none' }));
      expect(visitor.answer).toMatchObject({ error: 'consent_required', state: 'the state' });
      await visitor.open(hub.link(trusted, { prompt: 'none' }));
      expect(visitor.answer).toMatchObject({ code: expect.any(String) });
    });

    it.each(['login', 'select_account', 'login consent'])('%s: asks for the password again, once', async (prompt) => {
      const visitor = await hub.loggedIn(person, client);

      await visitor.open(hub.link(client, { prompt }));
      expect(visitor.text).toContain('<h1>Log in</h1>');
      await visitor.login(person);
      expect(visitor.text).toContain('value="allow"');
      await visitor.submit({ decision: 'allow' });

      expect(visitor.answer).toMatchObject({ code: expect.any(String) });
      const sessions = await hub.sessionsOf(person);
      expect((await hub.codeRow(client))?.['authenticatedAt']).toBe(sessions.at(-1)?.['createdAt']);
    });
  });

  it('asks for the password again when the login is older than max_age', async () => {
    const visitor = await hub.loggedIn(person, client);
    await visitor.open(hub.link(client, { max_age: '3600' }));
    expect(visitor.text).toContain('value="allow"');
    await hub.rows.query("UPDATE session SET createdAt = '2026-01-01 00:00:00.000' WHERE userId = ?", [person.id]);

    await visitor.open(hub.link(client, { max_age: '3600', prompt: 'none' }));
    expect(visitor.answer).toMatchObject({ error: 'login_required' });
    await visitor.open(hub.link(client, { max_age: '3600' }));
    expect(visitor.text).toContain('<h1>Log in</h1>');
    await visitor.login(person);

    expect(visitor.text).toContain('value="allow"');
  });

  it('lets another person take over: the login ends before anybody else has logged in', async () => {
    const [first, other] = [await hub.person(), await hub.person()];
    const visitor = await hub.loggedIn(first, client);
    await visitor.open(hub.link(client, { login_hint: first.email, prompt: 'consent', max_age: '3600' }));
    const [, decision = ''] = /form="consent" name="decision" value="([^"]+)">\s*Use another/.exec(visitor.text) ?? [];

    await visitor.submit({ decision });
    expect(visitor.text).toContain('<h1>Log in</h1>');
    expect(visitor.text).not.toContain(first.email);
    expect(await hub.sessionsOf(first)).toEqual([]);
    expect((await trailOf(hub.ask, first.id)).at(-1)).toMatchObject({
      action: 'SESSION_ENDED',
      actor: { id: first.id },
    });
    await visitor.login(other);
    expect(visitor.text).toContain(other.email);
    await visitor.submit({ decision: 'allow' });

    expect((await hub.codeRow(client))?.['userId']).toBe(other.id);
  });

  it.each(['login', 'select_account'])('ends no login because a client asks for the %s', async (prompt) => {
    const [first, visitor] = [await hub.person(), hub.visitor()];
    await visitor.open(hub.link(client));
    await visitor.login(first);

    await visitor.open(hub.link(client, { prompt }));

    expect(await hub.sessionsOf(first)).toHaveLength(1);
  });

  it('begins by a form of the client as well', async () => {
    const visitor = await hub.loggedIn(person, client);
    const { pathname, searchParams } = new URL(hub.link(client));

    await visitor.open(PUBLIC_URL + pathname, Object.fromEntries(searchParams), { origin: 'https://app.example.com' });

    expect([visitor.status, visitor.text.includes('value="allow"')]).toEqual([200, true]);
  });
});
