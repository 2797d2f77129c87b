import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { savePerson } from '../../support/builders.js';
import { SessionBrowser } from '../../support/session-browser.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { trailOf } from '../../support/trail.js';

const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken userErrors { code } } }';
const REFRESH = 'mutation { refreshSession { accessToken expiresAt user { id } userErrors { code } } }';

describe('refreshSession', () => {
  let hub: TestHub;
  let callers: Callers;
  let person: { id: string; email: string; password: string };
  let browser: SessionBrowser;

  beforeAll(async () => {
    hub = await TestHub.start({ env: { HUB_ALLOWED_ORIGINS: 'https://console.example.com' } });
    callers = await everyCaller(hub);
  });
  beforeEach(async () => {
    person = await savePerson(callers.manager);
    browser = new SessionBrowser(hub);
    await browser.ask(LOGIN, { input: { email: person.email, password: person.password } });
  });
  afterAll(() => hub.stop());

  const refused = { data: { refreshSession: null }, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] };

  it('gives a new token for the cookie, which is replaced', async () => {
    const before = browser.cookie;

    const { data } = await browser.ask(REFRESH);

    const { accessToken, expiresAt, user, userErrors } = data.refreshSession;
    expect(userErrors).toEqual([]);
    expect(user).toEqual({ id: person.id });
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
    expect((await hub.ask('{ viewer { id } }', {}, accessToken)).data.viewer).toEqual({ id: person.id });
    expect(browser.cookie).not.toBe(before);
    expect(browser.setCookie).toContain('HttpOnly; SameSite=Strict');
  });

  it('serves two tabs that send the same cookie', async () => {
    const [first, second] = await Promise.all([browser.ask(REFRESH), browser.ask(REFRESH)]);

    for (const { data } of [first, second]) expect(data.refreshSession.user).toEqual({ id: person.id });
  });

  it('ends the session when a value from long before comes again, and tells of it', async () => {
    const stolen = new SessionBrowser(hub);
    stolen.cookie = browser.cookie;
    const { data } = await browser.ask(REFRESH);
    await browser.ask(REFRESH);

    const theft = await stolen.ask(REFRESH);

    expect(theft).toMatchObject(refused);
    expect(stolen.setCookie).toMatch(/^hub_session=; .*Expires=Thu, 01 Jan 1970/);
    expect(await browser.ask(REFRESH)).toMatchObject(refused);
    expect((await hub.ask('{ viewer { id } }', {}, data.refreshSession.accessToken)).status).toBe(401);
    expect((await trailOf(callers.auditor, person.id)).at(-1)).toMatchObject({
      action: 'SESSION_REFRESH_REUSED',
      success: false,
    });
  });

  it.each([
    ['no cookie', undefined],
    ['an empty cookie', 'hub_session='],
    ['a cookie that is nonsense', 'hub_session=nonsense'],
    ['a cookie of 8 KB', `hub_session=${'x'.repeat(8_000)}`],
    ['a session that is not there', 'hub_session=ses_01KAAAAAAAAAAAAAAAAAAAAAAA.c2VjcmV0'],
  ])('refuses %s', async (_what, cookie) => {
    const stranger = new SessionBrowser(hub);
    stranger.cookie = cookie;

    const answer = await stranger.ask(REFRESH);

    expect(answer.status).toBe(200);
    expect(answer).toMatchObject(refused);
    expect(answer.errors[0]?.path).toEqual(['refreshSession']);
  });

  it('does not take an access token for the cookie', async () => {
    expect(await callers.manager(REFRESH)).toMatchObject(refused);
  });

  it('refuses who has been switched off', async () => {
    await callers.manager(
      'mutation ($id: ID!) { updateUser(input: { id: $id, enabled: false }) { userErrors { code } } }',
      { id: person.id },
    );

    expect(await browser.ask(REFRESH)).toMatchObject(refused);
  });

  it.each([
    ['serves', 'an allowed origin', 'https://console.example.com', true],
    ['refuses', 'any other origin', 'https://evil.example.com', false],
    ['refuses', 'an opaque origin', 'null', false],
  ])('%s %s', async (_verb, _what, origin, served) => {
    const answer = await hub.ask(REFRESH, {}, undefined, { cookie: browser.cookie ?? '', origin });

    expect(answer.data.refreshSession !== null).toBe(served);
  });
});
