import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { contextOf } from '../user/people.js';
import { cookieOf, Sessions } from './sessions.js';

describeEachDatabase('logout', (testDatabase) => {
  let here: Sessions;
  let there: Sessions;

  beforeAll(async () => {
    const url = await testDatabase.freshUrl();
    here = await Sessions.open(url);
    there = await here.replica(url);
  });
  afterAll(() => here.close(there));

  const endings = async (userId: string) =>
    (await here.people.trail(userId)).filter((event) => event.action === 'SESSION_ENDED');

  it('ends the session of the bearer token, on every replica', async () => {
    const ada = await here.people.person();
    const [grant, other] = [await here.login(ada), await here.login(ada)];

    const user = await here.logouts.logout(contextOf(await here.authenticate(grant)), undefined);

    expect(user?.id).toBe(ada.id);
    expect(await there.authenticate(grant)).toBeNull();
    expect(await there.authenticate(other)).not.toBeNull();
    expect(await endings(ada.id)).toMatchObject([{ actorId: ada.id, success: true }]);
  });

  it('ends the session of the cookie when there is no token, by the cookie before the last too', async () => {
    const grant = await here.login(await here.people.person());
    await here.refresh(cookieOf(grant));

    const user = await here.logouts.logout(contextOf(null), cookieOf(grant));

    expect(user?.id).toBe(grant.user.id);
    expect(await there.authenticate(grant)).toBeNull();
    expect(await endings(grant.user.id)).toMatchObject([{ actorId: grant.user.id }]);
  });

  it('ends both when token and cookie are of different sessions', async () => {
    const ada = await here.people.person();
    const [byToken, byCookie] = [await here.login(ada), await here.login(ada)];

    await here.logouts.logout(contextOf(await here.authenticate(byToken)), cookieOf(byCookie));

    for (const grant of [byToken, byCookie]) expect(await here.authenticate(grant)).toBeNull();
    expect(await endings(ada.id)).toHaveLength(2);
  });

  it('ends nothing by a session id alone', async () => {
    const grant = await here.login(await here.people.person());
    const guessed = `${cookieOf(grant).split('.')[0]}.${'A'.repeat(43)}`;

    expect(await here.logouts.logout(contextOf(null), guessed)).toBeNull();
    expect(await here.authenticate(grant)).not.toBeNull();
  });

  it('is content when there is nothing to end', async () => {
    const grant = await here.login(await here.people.person());
    const context = contextOf(await here.authenticate(grant));
    await here.logouts.logout(context, undefined);

    expect(await here.logouts.logout(context, cookieOf(grant))).toBeNull();
    expect(await here.logouts.logout(contextOf(null), undefined)).toBeNull();
    expect(await endings(grant.user.id)).toHaveLength(1);
  });
});
