import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientEntity } from '../../src/client/client.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { AuthorizeHub, type Person, REDIRECT_URI, VERIFIER, type Visitor } from './authorize-hub.js';

interface Answer {
  status: number;
  body: Record<string, string>;
}

describeEachDatabase('an authorization code at the token endpoint', (testDatabase) => {
  let hub: AuthorizeHub;
  let client: ClientEntity;
  let person: Person;
  let visitor: Visitor;
  beforeAll(async () => {
    hub = await AuthorizeHub.start({ databaseUrl: await testDatabase.freshUrl() });
    client = await hub.client({ tokenEndpointAuthMethod: 'NONE' });
    person = await hub.person();
    visitor = await hub.loggedIn(person, client);
  });
  afterAll(() => hub.stop());

  async function code(scope = 'openid hub:read'): Promise<string> {
    await visitor.open(hub.link(client, { prompt: 'consent', scope }));
    await visitor.submit({ decision: 'allow' });
    return visitor.answer['code'] ?? '';
  }

  async function spend(given: Record<string, string>): Promise<Answer> {
    const form = {
      grant_type: 'authorization_code',
      client_id: client.clientId,
      redirect_uri: REDIRECT_URI,
      code_verifier: VERIFIER,
      ...given,
    };
    const body = new URLSearchParams(form);
    const response = await fetch(`${hub.hub.url}/oauth/token`, { method: 'POST', body });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  }

  const refresh = ({ body }: Answer) =>
    spend({ grant_type: 'refresh_token', refresh_token: body['refresh_token'] ?? '' });

  it('gives tokens once, and ends them when it comes again', async () => {
    const first = await code();

    const given = await spend({ code: first });
    expect(given).toMatchObject({
      status: 200,
      body: { access_token: expect.stringMatching(/^hub_at_/), refresh_token: expect.stringMatching(/^hub_rt_/) },
    });
    const replayed = await spend({ code: first });

    expect(replayed).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await refresh(given)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it.each<[what: string, scope: string, replay: (code: string, given: Answer) => Promise<unknown>]>([
    ['its code', 'email other:scope', (sent) => spend({ code: sent })],
    [
      'its refresh token',
      'openid email',
      async (_code, given) => {
        await refresh(given);
        await hub.rows.query('UPDATE issued_value SET usedAt = ? WHERE usedAt IS NOT NULL', [
          '2026-01-01 00:00:00.000',
        ]);
        await refresh(given);
      },
    ],
  ])('is given by asking again after %s has come twice', async (_what, scope, replay) => {
    const sent = await code(scope);
    const given = await spend({ code: sent });
    await visitor.open(hub.link(client, { scope, prompt: 'none' }));
    expect(visitor.answer).toHaveProperty('code');

    await replay(sent, given);

    await visitor.open(hub.link(client, { scope, prompt: 'none' }));
    expect(visitor.answer).toMatchObject({ error: 'consent_required' });
  });

  describe('with the ID token that it gave as id_token_hint', () => {
    let other: Person;
    let trusted: ClientEntity;
    let hint: string;
    const hinted = (changes: Record<string, string | null> = {}) =>
      hub.link(trusted, { id_token_hint: hint, ...changes });
    const ofWhom = async () => (await hub.codeRow(trusted))?.['userId'];
    beforeAll(async () => {
      other = await hub.person();
      trusted = await hub.client({ tokenEndpointAuthMethod: 'NONE', trusted: true });
      const own = await hub.loggedIn(person, trusted);
      await own.submit({ decision: 'allow' });
      const { body } = await spend({ code: own.answer['code'] ?? '', client_id: trusted.clientId });
      hint = body['id_token'] ?? '';
    });

    it('is given for that person without a question', async () => {
      const own = await hub.loggedIn(person, trusted);
      await own.open(hinted({ prompt: 'none' }));

      expect([own.answer['error'], await ofWhom()]).toEqual([undefined, person.id]);
    });

    it('is given for nobody else who is logged in', async () => {
      const own = await hub.loggedIn(other, trusted);
      await own.open(hinted({ prompt: 'none' }));
      expect(own.answer).toMatchObject({ error: 'login_required' });

      await own.open(hinted());
      expect(own.text).toContain('<h1>Log in</h1>');
      await own.login(other);
      expect(own.answer).toMatchObject({ error: 'login_required', state: 'the state' });

      await own.open(hinted());
      await own.login(person);
      expect([own.answer['error'], await ofWhom()]).toEqual([undefined, person.id]);
    });

    it('is given for nobody else after "Use another account" either', async () => {
      const own = await hub.loggedIn(person, trusted);
      await own.open(hinted({ prompt: 'consent' }));
      await own.submit({ decision: 'log-out' });
      await own.login(other);

      expect(own.answer).toMatchObject({ error: 'login_required' });
    });

    it.each([
      ['cannot be read', () => 'no.jwt'],
      ['is signed by nobody', () => `${hint.slice(0, -8)}AAAAAAAA`],
    ])('is given for whoever is there where that %s', async (_what, wrong) => {
      const own = await hub.loggedIn(other, trusted);
      await own.open(hinted({ prompt: 'none', id_token_hint: wrong() }));

      expect([own.answer['error'], await ofWhom()]).toEqual([undefined, other.id]);
    });

    it('is given for whoever is there where another client got it', async () => {
      const another = await hub.client({ trusted: true });
      const own = await hub.loggedIn(other, another);
      await own.open(hub.link(another, { id_token_hint: hint, prompt: 'none' }));

      expect(own.answer['error']).toBeUndefined();
    });
  });

  it.each([
    ['another verifier', { code_verifier: 'b'.repeat(43) }],
    ['another redirect URI', { redirect_uri: `${REDIRECT_URI}/` }],
  ])('is refused with %s', async (_what, wrong) => {
    expect(await spend({ code: await code(), ...wrong })).toMatchObject({ body: { error: 'invalid_grant' } });
  });

  it('is refused to another client', async () => {
    const other = await hub.client({ tokenEndpointAuthMethod: 'NONE' });

    expect(await spend({ code: await code(), client_id: other.clientId })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
  });

  it('is given without a question while its token lives', async () => {
    const scope = 'email hub:read';
    const given = await spend({ code: await code(scope) });
    expect(given.status).toBe(200);

    await visitor.open(hub.link(client, { scope, prompt: 'none' }));
    expect(visitor.answer).toHaveProperty('code');
    expect((await spend({ code: visitor.answer['code'] ?? '' })).status).toBe(200);
    await visitor.open(hub.link(client, { scope: 'email', prompt: 'none' }));

    expect(visitor.answer).toMatchObject({ error: 'consent_required' });
  });

  it('makes a consent last anew where the person said yes for it, and not where nobody was asked', async () => {
    const scope = 'openid email other:scope';
    const spent = async (sent: string) => expect((await spend({ code: sent })).status).toBe(200);
    const silent = async () => {
      await visitor.open(hub.link(client, { scope, prompt: 'none' }));
      return visitor.answer['code'] ?? '';
    };
    const end = async () => {
      const [row] = await hub.rows.query('SELECT expiresAt FROM token WHERE clientId = ? AND scopes = ?', [
        client.id,
        JSON.stringify(scope.split(' ')),
      ]);
      return row?.['expiresAt'];
    };
    await spent(await code(scope));
    const soon = new Date(Date.now() + 60_000).toISOString().replace('T', ' ').replace('Z', '');
    await hub.rows.query('UPDATE token SET expiresAt = ? WHERE clientId = ? AND scopes = ?', [
      soon,
      client.id,
      JSON.stringify(scope.split(' ')),
    ]);
    const before = await end();

    await spent(await silent());
    expect(await end()).toEqual(before);

    await spent(await code(scope));
    expect(await end()).not.toEqual(before);
  });

  it('for no resource in particular stands for no consent to the one that it is spent for', async () => {
    const resource = 'https://payroll.example.com';
    expect((await spend({ code: await code('other:scope'), resource })).status).toBe(200);

    await visitor.open(hub.link(client, { scope: 'other:scope', resource, prompt: 'none' }));
    expect(visitor.answer).toMatchObject({ error: 'consent_required' });

    await visitor.open(hub.link(client, { scope: 'other:scope', resource, prompt: 'consent' }));
    await visitor.submit({ decision: 'allow' });
    expect((await spend({ code: visitor.answer['code'] ?? '' })).status).toBe(200);
    await visitor.open(hub.link(client, { scope: 'other:scope', resource, prompt: 'none' }));
    expect(visitor.answer).toHaveProperty('code');
  });
});
