import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClientEntity } from '../../src/client/client.entity.js';
import { trailOf } from '../support/trail.js';
import { AuthorizeHub, type Person, PUBLIC_URL, type Visitor } from './authorize-hub.js';

const LOGIN = '__Host-hub_login';
const FORM = '__Host-hub_form';

describe('the login of the authorization endpoint', () => {
  let hub: AuthorizeHub;
  let client: ClientEntity;
  let person: Person;
  const lines: string[] = [];
  beforeAll(async () => {
    hub = await AuthorizeHub.start({ onLog: (line) => lines.push(line) });
    client = await hub.client();
  });
  afterAll(() => hub.stop());
  beforeEach(async () => {
    person = await hub.person();
  });

  const cookiesOf = ({ headers }: Visitor) => headers.getSetCookie();
  const invalidFields = ({ text }: Visitor) =>
    [...text.matchAll(/<input[^>]*id="(\w+)"[^>]*aria-invalid="true" aria-describedby="problem"/g)].map(([, id]) => id);
  const isAskedToLogIn = async (visitor: Visitor) =>
    (await visitor.open(hub.link(client))).text.includes('<h1>Log in</h1>');

  it('is a session of its own, for eight hours, in the audit trail', async () => {
    const visitor = await hub.loggedIn(person, client);

    const [session, ...others] = await hub.sessionsOf(person);
    expect(others).toEqual([]);
    const [created, expires] = ['createdAt', 'expiresAt'].map((name) => Date.parse(`${session?.[name]}Z`));
    expect((expires ?? 0) - (created ?? 0)).toBe(8 * 60 * 60_000);
    expect(visitor.browser.jar()[LOGIN]).toMatch(new RegExp(`^login\\.${session?.['id']}\\.[\\w-]{43}$`));
    expect((await trailOf(hub.ask, person.id)).slice(1)).toMatchObject([
      { action: 'SESSION_STARTED', actor: { id: person.id }, success: true },
    ]);
  });

  it('is held by cookies of this host alone, out of reach of scripts', async () => {
    const visitor = hub.visitor();
    await visitor.open(hub.link(client));
    const first = cookiesOf(visitor);
    const url = visitor.action.replace(PUBLIC_URL, hub.hub.url);
    const form = { csrf: visitor.csrf, email: person.email, password: person.password };
    const response = await visitor.browser.open(url, form, { origin: PUBLIC_URL });

    expect(response.status).toBe(303);
    const attributes = [...first, ...response.headers.getSetCookie()].map((line) => line.split('; '));
    expect(attributes.map(([pair]) => pair?.split('=')[0])).toEqual([FORM, LOGIN]);
    for (const [, ...each] of attributes) expect(each.sort()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']);
  });

  it('is always a new session: what a browser had before means nothing', async () => {
    const visitor = hub.visitor();
    const host = new URL(hub.hub.url).hostname;
    const foreign = await hub.loggedIn(person, client);
    const planted = foreign.browser.jar()[LOGIN] ?? '';
    visitor.browser.plant(host, LOGIN, planted);
    await visitor.open(hub.link(client, { prompt: 'login' }));

    await visitor.login(await hub.person());

    expect(visitor.browser.jar()[LOGIN]).not.toBe(planted);
    expect(await isAskedToLogIn(foreign)).toBe(true);
  });

  it.each([
    ['another secret', (value: string) => value.slice(0, -2) + (value.endsWith('AA') ? 'BB' : 'AA')],
    ['no prefix', (value: string) => value.replace('login.', '')],
    ['another session', (value: string) => value.replace(/_\w/, '_Z')],
    ['nothing', () => ''],
  ])('knows nobody by a cookie with %s', async (_what, forged) => {
    const visitor = await hub.loggedIn(person, client);
    const host = new URL(hub.hub.url).hostname;
    visitor.browser.plant(host, LOGIN, forged(visitor.browser.jar()[LOGIN] ?? ''));

    expect(await isAskedToLogIn(visitor)).toBe(true);
  });

  it('opens no session of the API, and is not opened by one', async () => {
    const visitor = await hub.loggedIn(person, client);
    const value = visitor.browser.jar()[LOGIN] ?? '';
    const refresh = (cookie: string) =>
      hub.hub.ask('mutation { refreshSession { accessToken } }', {}, undefined, {
        cookie: `__Host-hub_session=${cookie}`,
      });

    expect((await refresh(value)).data.refreshSession).toBeNull();
    const { headers } = await hub.hub.ask('mutation ($input: LoginInput!) { login(input: $input) { accessToken } }', {
      input: { email: person.email, password: person.password },
    });
    const [, api = ''] = /__Host-hub_session=([^;]+)/.exec(headers.getSetCookie()[0] ?? '') ?? [];
    const stranger = hub.visitor();
    for (const each of [api, `login.${api}`]) {
      stranger.browser.plant(new URL(hub.hub.url).hostname, LOGIN, each);
      expect(await isAskedToLogIn(stranger)).toBe(true);
    }
    expect((await refresh(value.replace('login.', ''))).data.refreshSession).toBeNull();
    expect(await isAskedToLogIn(visitor)).toBe(true);
  });

  describe('ends at once', () => {
    it.each([
      [
        'its time is over',
        (id: string) => `UPDATE session SET expiresAt = '2026-01-01 00:00:00.000' WHERE userId = '${id}'`,
      ],
      ['the person is switched off', (id: string) => `UPDATE user SET enabled = 0 WHERE id = '${id}'`],
      ['the session is deleted', (id: string) => `DELETE FROM session WHERE userId = '${id}'`],
    ])('when %s, also between the pages', async (_when, sql) => {
      const visitor = await hub.loggedIn(person, client);
      await hub.rows.query(sql(person.id));

      await visitor.submit({ decision: 'allow' });

      expect([visitor.location, visitor.text.includes('<h1>Log in</h1>')]).toEqual([null, true]);
      expect((await hub.codeRow(client))?.['userId']).not.toBe(person.id);
    });

    it('when the person gets another password or is switched off through the API', async () => {
      const [visitor, other] = [await hub.loggedIn(person, client), await hub.person()];
      const visitorOfOther = await hub.loggedIn(other, client);

      const { errors } = await hub.ask(
        `mutation ($a: ChangePasswordInput!, $b: UpdateUserInput!) {
           changePassword(input: $a) { userErrors { message } } updateUser(input: $b) { userErrors { message } } }`,
        { a: { id: person.id, newPassword: 'another real password' }, b: { id: other.id, enabled: false } },
      );

      expect(errors).toEqual([]);
      expect([await isAskedToLogIn(visitor), await isAskedToLogIn(visitorOfOther)]).toEqual([true, true]);
    });
  });

  it('ends with a logout from the API in the same browser, and not with one from another site', async () => {
    const visitor = await hub.loggedIn(person, client);
    const cookie = `${LOGIN}=${visitor.browser.jar()[LOGIN]}`;
    const logOut = (origin: string) =>
      hub.hub.ask('mutation { logout { user { id } } }', {}, undefined, { cookie, origin });

    expect((await logOut('https://evil.example')).data.logout).toEqual({ user: null });
    expect(await isAskedToLogIn(visitor)).toBe(false);
    expect((await logOut(PUBLIC_URL)).data.logout).toEqual({ user: { id: person.id } });
    expect(await isAskedToLogIn(visitor)).toBe(true);
  });

  describe('is refused', () => {
    it.each([
      ['with a wrong password', { password: 'wrong' }, 'E-mail address or password is wrong'],
      ['for an unknown person', { email: 'nobody@example.com' }, 'E-mail address or password is wrong'],
      ['without a password', { password: '' }, 'Fill in', ['password']],
      ['without an address', { email: ' ' }, 'Fill in', ['email']],
      ['without both', { email: '', password: '' }, 'Fill in'],
      ['with a password of a megabyte almost', { password: 'x'.repeat(50_000) }, 'too long', ['password']],
    ])('%s', async (_what, wrong, words, fields = ['email', 'password']) => {
      const visitor = await hub.visitor().open(hub.link(client));

      await visitor.login({ ...person, ...wrong });

      expect([visitor.status, visitor.location]).toEqual([400, null]);
      expect(visitor.text).toContain(words);
      expect(invalidFields(visitor)).toEqual(fields);
      expect(visitor.browser.jar()).not.toHaveProperty(LOGIN);
      await visitor.login(person);
      expect(visitor.text).toContain('value="allow"');
    });

    it('after five wrong passwords', async () => {
      const visitor = await hub.visitor().open(hub.link(client));
      for (let attempt = 0; attempt < 5; attempt += 1) await visitor.login({ ...person, password: 'wrong' });

      await visitor.login(person);

      expect(visitor.status).toBe(429);
      expect(visitor.text).toMatch(/Too many attempts: try again in (a minute|\d+ minutes)\./);
      const seconds = Number(visitor.headers.get('retry-after'));
      expect([seconds > 0, seconds <= 15 * 60, invalidFields(visitor)]).toEqual([true, true, []]);
      expect(await hub.sessionsOf(person)).toEqual([]);
    });

    it('for a body that is too large, and for one that is no form', async () => {
      const visitor = await hub.visitor().open(hub.link(client));
      const url = visitor.action.replace(PUBLIC_URL, hub.hub.url);

      await visitor.login({ ...person, password: 'x'.repeat(70_000) });
      const json = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'text/plain', origin: PUBLIC_URL },
        body: 'csrf=x',
      });

      expect(visitor.status).toBe(413);
      for (const text of [visitor.text, await json.text()]) expect(text).not.toContain('hub_form');
      expect(json.status).toBeGreaterThanOrEqual(400);
    });
  });

  it('leaves no password, code, state, cookie or token in the log', async () => {
    const visitor = await hub.loggedIn(person, client);
    const secrets = [person.password, visitor.csrf, ...Object.values(visitor.browser.jar())];
    await visitor.open(hub.link(client, { state: 'a state that nobody else has' }));
    await visitor.submit({ decision: 'allow' });
    secrets.push(visitor.answer['code'] ?? '', 'a state that', 'a+state+that');

    const log = lines.join('\n');
    expect(log).toContain('"path":"/oauth/authorize/consent"');
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(8);
      expect(log).not.toContain(secret);
    }
  });
});

describe('the login of a hub on plain http', () => {
  it('has cookies without the prefix that browsers keep to https', async () => {
    const hub = await AuthorizeHub.start({ publicUrl: 'http://localhost:4000' });
    const visitor = await hub.loggedIn(await hub.person(), await hub.client());
    const jar = visitor.browser.jar();
    await hub.stop();

    expect(Object.keys(jar).sort()).toEqual(['hub_form', 'hub_login']);
  });
});
