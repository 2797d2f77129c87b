import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MANAGER, TestHub } from '../support/hub.js';

const APP = 'https://app.example.com';
const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }';
const REFRESH = 'mutation { refreshSession { accessToken user { email } } }';

interface Cookie {
  name: string;
  value: string;
  attributes: string[];
}

function cookieOf(headers: Headers): Cookie | undefined {
  const [text] = headers.getSetCookie();
  if (text === undefined) return undefined;
  const [pair = '', ...attributes] = text.split('; ');
  const [name = '', value = ''] = pair.split('=');
  return { name, value, attributes: attributes.sort() };
}

async function loginCookie(hub: TestHub): Promise<Cookie> {
  const { headers } = await hub.ask(LOGIN, { input: MANAGER });
  const cookie = cookieOf(headers);
  if (!cookie) throw new Error('The login set no cookie');
  return cookie;
}

const headerOf = ({ name, value }: Cookie) => ({ cookie: `${name}=${value}` });

describe.each([
  { publicUrl: 'https://hub.example.com', name: '__Host-hub_session', secure: ['Secure'] },
  { publicUrl: 'http://localhost:4000', name: 'hub_session', secure: [] },
])('the session cookie at $publicUrl', ({ publicUrl, name, secure }) => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await TestHub.start({ env: { PUBLIC_URL: publicUrl, HUB_ALLOWED_ORIGINS: APP } });
  });
  afterAll(() => hub.stop());

  it('is out of reach of scripts and other sites', async () => {
    const cookie = await loginCookie(hub);

    expect(cookie.name).toBe(name);
    const [expires, ...others] = cookie.attributes;
    expect(expires).toMatch(/^Expires=.* GMT$/);
    expect(others).toEqual(['HttpOnly', 'Path=/', 'SameSite=Strict', ...secure]);
  });

  it('is replaced by each refresh and removed by the logout', async () => {
    const first = await loginCookie(hub);

    const refreshed = await hub.ask(REFRESH, {}, undefined, headerOf(first));
    const second = cookieOf(refreshed.headers);
    const ended = await hub.ask('mutation { logout { user { email } } }', {}, undefined, headerOf(second ?? first));

    expect(refreshed.data.refreshSession).toEqual({ accessToken: expect.any(String), user: { email: MANAGER.email } });
    expect(second?.attributes.slice(1)).toEqual(first.attributes.slice(1));
    expect(second?.value).not.toBe(first.value);
    expect(ended.data.logout.user.email).toBe(MANAGER.email);
    expect(cookieOf(ended.headers)).toMatchObject({
      name,
      value: '',
      attributes: expect.arrayContaining(['Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'Path=/', ...secure]),
    });
  });

  it.each([
    ['no origin', {}],
    ['the hub itself', { origin: publicUrl }],
    ['an allowed origin', { origin: APP }],
  ])('is read from %s', async (_what, origin) => {
    const cookie = await loginCookie(hub);

    const { data } = await hub.ask(REFRESH, {}, undefined, { ...headerOf(cookie), ...origin });

    expect(data.refreshSession.user.email).toBe(MANAGER.email);
  });

  it.each([
    'https://evil.example.com',
    'null',
    `${APP}.evil.example`,
    `${publicUrl}.evil.example`,
    'https://app.example.com:444',
  ])('is not read from %s, and goes on working elsewhere', async (origin) => {
    const cookie = await loginCookie(hub);

    const refused = await hub.ask(REFRESH, {}, undefined, { ...headerOf(cookie), origin });
    const loggedOut = await hub.ask('mutation { logout { user { id } } }', {}, undefined, {
      ...headerOf(cookie),
      origin,
    });
    const served = await hub.ask(REFRESH, {}, undefined, headerOf(cookie));

    expect(refused).toMatchObject({
      data: { refreshSession: null },
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect(loggedOut.data.logout.user).toBeNull();
    expect(served.data.refreshSession.user.email).toBe(MANAGER.email);
  });

  it.each([
    ['another name', (value: string) => `session=${value}`],
    [
      'the name of the other scheme',
      (value: string) => `${name === 'hub_session' ? '__Host-hub_session' : 'hub_session'}=${value}`,
    ],
    ['half of it', (value: string) => `${name}=${value.slice(0, 40)}`],
    ['a NUL in it', (value: string) => `${name}=${value}%00`],
    ['a percent sign that begins nothing', () => `${name}=%`],
    ['a megabyte less', () => `${name}=${'x'.repeat(8_000)}`],
    ['nothing', () => `${name}=`],
  ])('is no session as %s', async (_what, cookie) => {
    const { value } = await loginCookie(hub);

    const { status, errors } = await hub.ask(REFRESH, {}, undefined, { cookie: cookie(value) });

    expect(status).toBe(200);
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  it('is no bearer token: alone it reads nothing', async () => {
    const cookie = await loginCookie(hub);

    const { data } = await hub.ask('{ viewer { id } }', {}, undefined, headerOf(cookie));

    expect(data).toEqual({ viewer: null });
  });
});
