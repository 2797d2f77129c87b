import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { UnauthenticatedError } from '../../src/errors.js';
import { SESSION_IDLE_MS, SESSION_MAX_MS } from '../../src/session/session-lifetime.js';
import { SessionEntity } from '../../src/session/session.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { contextOf } from '../user/people.js';
import { cookieOf, Sessions } from './sessions.js';

const GRACE_MS = 10_000;

describeEachDatabase('refreshing a session', (testDatabase) => {
  let here: Sessions;
  let there: Sessions;

  beforeAll(async () => {
    const url = await testDatabase.freshUrl();
    here = await Sessions.open(url);
    there = await here.replica(url);
  });
  afterAll(() => here.close(there));

  const loggedIn = async () => {
    const grant = await here.login(await here.people.person());
    return { user: grant.user, cookie: cookieOf(grant), grant };
  };
  const advance = (ms: number) => (here.people.clock.nowMs += ms);
  const isLive = (userId: string) => here.people.database.manager.existsBy(SessionEntity, { userId });
  const reuses = async (userId: string) =>
    (await here.people.trail(userId)).filter((event) => event.action === 'SESSION_REFRESH_REUSED');

  it('gives a new access token and another cookie, on any replica', async () => {
    const { user, cookie, grant } = await loggedIn();
    advance(60_000);

    const refreshed = await there.refresh(cookie);

    expect(cookieOf(refreshed)).not.toBe(cookie);
    expect(cookieOf(refreshed).split('.')[0]).toBe(cookie.split('.')[0]);
    expect(refreshed.expiresAt.getTime() - grant.expiresAt.getTime()).toBe(60_000);
    expect(refreshed.refresh?.expiresAt.getTime()).toBe(here.people.clock.nowMs + SESSION_IDLE_MS);
    expect(await here.authenticate(refreshed)).toMatchObject({ id: user.id });
  });

  it('serves the cookie before the last for ten seconds, and leaves the newer one good', async () => {
    const { user, cookie } = await loggedIn();
    const newer = cookieOf(await here.refresh(cookie));
    advance(GRACE_MS);

    const late = await there.refresh(cookie);

    expect(late.refresh).toBeUndefined();
    expect(await here.authenticate(late)).toMatchObject({ id: user.id });
    await expect(here.refresh(newer)).resolves.toBeDefined();
    expect(await reuses(user.id)).toEqual([]);
  });

  it('ends the session when a cookie is used again later, for thief and owner alike', async () => {
    const { user, cookie } = await loggedIn();
    const newer = await here.refresh(cookie);
    advance(GRACE_MS + 1);

    await expect(there.refresh(cookie)).rejects.toThrow(UnauthenticatedError);

    await expect(here.refresh(cookieOf(newer))).rejects.toThrow(UnauthenticatedError);
    expect(await here.authenticate(newer)).toBeNull();
    expect(await reuses(user.id)).toMatchObject([{ success: false, actorId: user.id }]);
  });

  it('ends the session when an even older cookie is used, however soon', async () => {
    const { user, cookie } = await loggedIn();
    const second = cookieOf(await here.refresh(cookie));
    const third = cookieOf(await here.refresh(second));

    await expect(here.refresh(cookie)).rejects.toThrow(UnauthenticatedError);

    await expect(here.refresh(third)).rejects.toThrow(UnauthenticatedError);
    expect(await reuses(user.id)).toHaveLength(1);
  });

  it("ends nobody else's session", async () => {
    const [ada, grace] = [await loggedIn(), await loggedIn()];
    const crossed = `${ada.cookie.split('.')[0]}.${grace.cookie.split('.')[1]}`;

    await expect(here.refresh(crossed)).rejects.toThrow(UnauthenticatedError);

    expect([await isLive(ada.user.id), await isLive(grace.user.id)]).toEqual([false, true]);
  });

  it('rotates once when the same cookie comes many times at once, and serves them all', async () => {
    const { user, cookie } = await loggedIn();

    const grants = await Promise.all(
      Array.from({ length: 24 }, (_, index) => (index % 2 ? here : there).refresh(cookie)),
    );

    const cookies = grants.flatMap((grant) => (grant.refresh ? [grant.refresh.value] : []));
    expect(cookies).toHaveLength(1);
    expect(await isLive(user.id)).toBe(true);
    await expect(here.refresh(cookies[0])).resolves.toBeDefined();
  });

  it('keeps a session that is refreshed for thirty days and no longer', async () => {
    const { cookie } = await loggedIn();
    const login = here.people.clock.nowMs;
    let current = cookie;
    for (let day = 6; day < 30; day += 6) {
      advance(6 * 24 * 60 * 60_000);
      current = cookieOf(await here.refresh(current));
    }

    advance(login + SESSION_MAX_MS - here.people.clock.nowMs);

    await expect(here.refresh(current)).rejects.toThrow(UnauthenticatedError);
  });

  it('lets a session end that is not refreshed for seven days', async () => {
    const { cookie } = await loggedIn();

    advance(SESSION_IDLE_MS);

    await expect(here.refresh(cookie)).rejects.toThrow(UnauthenticatedError);
  });

  it.each([undefined, '', 'nonsense', `ses_01ARZ3NDEKTSV4RRFFQ69G5FAV.${'A'.repeat(43)}`])(
    'knows no session by the cookie %p',
    async (cookie) => {
      await expect(here.refresh(cookie)).rejects.toThrow(UnauthenticatedError);
    },
  );

  it('does nothing for a disabled user', async () => {
    const { user, cookie } = await loggedIn();
    await there.people.unitOfWork.run((tx) => tx.manager.update('user', { id: user.id }, { enabled: false }));

    await expect(here.refresh(cookie)).rejects.toThrow(UnauthenticatedError);
    expect(await reuses(user.id)).toEqual([]);
  });

  it('cannot undo a logout', async () => {
    const { cookie } = await loggedIn();
    await there.logouts.logout(contextOf(null), cookie);

    await expect(here.refresh(cookie)).rejects.toThrow(UnauthenticatedError);
  });
});
