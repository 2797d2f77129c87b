import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newLoginValue, parseLoginValue } from '../../src/session/login-value.js';
import { newRefreshValue, parseRefreshValue } from '../../src/session/refresh-value.js';
import { newId } from '../../src/ids.js';
import { describeEachDatabase } from '../support/databases.js';
import { contextOf, PASSWORD } from '../user/people.js';
import { cookieOf, Sessions } from './sessions.js';

describeEachDatabase('sessions of the pages', (testDatabase) => {
  let sessions: Sessions;
  let replica: Sessions;
  beforeAll(async () => {
    const url = await testDatabase.freshUrl();
    sessions = await Sessions.open(url);
    replica = await sessions.replica(url);
  });
  afterAll(() => sessions.close(replica));

  async function loggedIn() {
    const user = await sessions.people.person();
    const { cookie } = await sessions.pages.login(
      contextOf(null),
      { email: user.email ?? '', password: PASSWORD },
      null,
    );
    return { user, cookie };
  }

  it('tell who is there and since when, on every replica', async () => {
    const authenticatedAt = sessions.people.clock.now();
    const { cookie, user } = await loggedIn();

    expect(await replica.pages.find(cookie)).toMatchObject({ user: { id: user.id }, authenticatedAt });
  });

  it('last less than eight hours', async () => {
    const { cookie } = await loggedIn();

    sessions.people.clock.nowMs += 8 * 60 * 60_000 - 1;
    expect(await sessions.pages.find(cookie)).not.toBeNull();
    sessions.people.clock.nowMs += 1;
    expect(await sessions.pages.find(cookie)).toBeNull();
  });

  it('end when the next one begins in the same browser', async () => {
    const { cookie, user } = await loggedIn();
    const other = await sessions.people.person();
    const before = await sessions.pages.find(cookie);

    const input = { email: other.email ?? '', password: PASSWORD };
    const { cookie: next, user: entered } = await sessions.pages.login(contextOf(null), input, before);

    expect(entered.id).toBe(other.id);
    expect(await replica.pages.find(cookie)).toBeNull();
    expect(await replica.pages.find(next)).toMatchObject({ user: { id: other.id } });
    expect((await sessions.people.trail(user.id)).at(-1)).toMatchObject({ action: 'SESSION_ENDED', actorId: user.id });
  });

  it('stay when the next login fails', async () => {
    const { cookie } = await loggedIn();
    const before = await sessions.pages.find(cookie);

    await expect(
      sessions.pages.login(contextOf(null), { email: before?.user.email ?? '', password: 'wrong' }, before),
    ).rejects.toMatchObject({ code: 'INVALID' });

    expect(await sessions.pages.find(cookie)).not.toBeNull();
  });

  it('are not those of the API', async () => {
    const { cookie, user } = await loggedIn();
    const refreshCookie = cookieOf(await sessions.login(user));

    expect(await sessions.pages.find(refreshCookie)).toBeNull();
    expect(await sessions.pages.find(`login.${refreshCookie}`)).toBeNull();
    await expect(sessions.refresh(cookie)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await sessions.pages.find(cookie)).not.toBeNull();
    await expect(sessions.refresh(cookie.replace('login.', ''))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('a login value', () => {
  it('is found again by its hash, which is not that of a refresh value', () => {
    const { hash, sessionId, text } = newLoginValue(newId('session'));

    expect(parseLoginValue(text)).toEqual({ sessionId, hash });
    expect(parseRefreshValue(text)).toBeUndefined();
    expect(parseRefreshValue(text.replace('login.', ''))?.hash).not.toBe(hash);
  });

  it.each([undefined, '', 'login.', 'login.x.y', newRefreshValue(newId('session')).text])('is not %j', (text) => {
    expect(parseLoginValue(text)).toBeUndefined();
  });
});
