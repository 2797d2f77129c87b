import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { savePerson } from '../../support/builders.js';
import { SessionBrowser } from '../../support/session-browser.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { countEvents, trailOf } from '../../support/trail.js';

const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken userErrors { code } } }';
const LOGOUT = 'mutation { logout { user { id } userErrors { code } } }';
const REFRESH = 'mutation { refreshSession { accessToken } }';

describe('logout', () => {
  let hub: TestHub;
  let callers: Callers;
  let person: { id: string; email: string; password: string };
  let browser: SessionBrowser;
  let token: string;

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
  });
  beforeEach(async () => {
    person = await savePerson(callers.manager);
    browser = new SessionBrowser(hub);
    const { data } = await browser.ask(LOGIN, { input: { email: person.email, password: person.password } });
    token = data.login.accessToken as string;
  });
  afterAll(() => hub.stop());

  const isOut = async () => {
    const byToken = await hub.ask('{ viewer { id } }', {}, token);
    const byCookie = await hub.ask(REFRESH, {}, undefined, { cookie: browser.cookie ?? '' });
    return byToken.status === 401 && byCookie.data.refreshSession === null;
  };

  it.each([
    ['token and cookie', true, true],
    ['the token alone', true, false],
    ['the cookie alone', false, true],
  ])('ends the session at once, known by %s', async (_what, withToken, withCookie) => {
    const cookie = browser.cookie ?? '';

    const { data } = await hub.ask(LOGOUT, {}, withToken ? token : undefined, withCookie ? { cookie } : {});

    expect(data.logout).toEqual({ user: { id: person.id }, userErrors: [] });
    expect(await isOut()).toBe(true);
    expect(
      (await trailOf(callers.auditor, person.id)).filter(({ action }) => action === 'SESSION_ENDED'),
    ).toMatchObject([{ actor: { id: person.id }, success: true }]);
  });

  it('takes the cookie back', async () => {
    await browser.ask(LOGOUT, {}, token);

    expect(browser.setCookie).toMatch(/^hub_session=; .*Expires=Thu, 01 Jan 1970/);
  });

  it('leaves other sessions of the same person alone', async () => {
    const elsewhere = hub.as(await hub.login(person));

    await browser.ask(LOGOUT, {}, token);

    expect((await elsewhere('{ viewer { id } }')).data.viewer).toEqual({ id: person.id });
  });

  it.each([
    ['an anonymous caller', undefined],
    ['a cookie that is nonsense', 'hub_session=nonsense'],
    ['a session that is not there', 'hub_session=ses_01KAAAAAAAAAAAAAAAAAAAAAAA.c2VjcmV0'],
  ])('has nothing to end for %s', async (_what, cookie) => {
    const happenedBefore = await countEvents(callers.manager);

    const { data, errors } = await hub.ask(LOGOUT, {}, undefined, cookie ? { cookie } : {});

    expect(errors).toEqual([]);
    expect(data.logout).toEqual({ user: null, userErrors: [] });
    expect(await countEvents(callers.manager)).toBe(happenedBefore);
  });

  it('does not end the session for a request from another site', async () => {
    const cookie = browser.cookie ?? '';

    await hub.ask(LOGOUT, {}, undefined, { cookie, origin: 'https://evil.example.com' });

    expect(await isOut()).toBe(false);
  });
});
