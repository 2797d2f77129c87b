import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { RateLimitedError, type UserError } from '../../src/errors.js';
import { SessionEntity } from '../../src/session/session.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { contextOf, PASSWORD } from '../user/people.js';
import { cookieOf, Sessions } from './sessions.js';

describeEachDatabase('login', (testDatabase) => {
  let here: Sessions;
  let there: Sessions;

  beforeAll(async () => {
    const url = await testDatabase.freshUrl();
    here = await Sessions.open(url);
    there = await here.replica(url);
  });
  afterAll(() => here.close(there));

  const sessionsOf = (userId: string) => here.people.database.manager.findBy(SessionEntity, { userId });

  it('starts a session that every replica knows', async () => {
    const ada = await here.people.person();
    here.people.clock.nowMs += 1_234;

    const grant = await here.login(ada);

    expect(grant.user).toEqual({ ...ada, lastLoginAt: here.people.clock.now() });
    expect(grant.expiresAt.getTime() - here.people.clock.nowMs).toBeLessThanOrEqual(600_000);
    expect(await there.authenticate(grant)).toMatchObject({ id: ada.id, name: 'Ada', roles: ['MEMBER'] });
    expect(await here.people.users.findById(ada.id)).toEqual(grant.user);
  });

  it('stores of the cookie nothing but a hash', async () => {
    const ada = await here.people.person();

    const cookie = cookieOf(await here.login(ada));

    const [session] = await sessionsOf(ada.id);
    expect(cookie.split('.')[0]).toBe(session?.id);
    expect(session?.refreshHash).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(session)).not.toContain(cookie.split('.')[1]);
  });

  it('takes the address in any spelling', async () => {
    const ada = await here.people.person();

    const grant = await here.logins.login(contextOf(null), {
      email: ada.email?.toUpperCase() ?? '',
      password: PASSWORD,
    });

    expect(grant.user.id).toBe(ada.id);
  });

  it('tells who came, from where', async () => {
    const ada = await here.people.person();

    await here.login(ada, PASSWORD, '198.51.100.7');

    const [, event] = await here.people.trail(ada.id);
    expect(event).toMatchObject({ action: 'SESSION_STARTED', actorId: ada.id, actorName: 'Ada', ip: '198.51.100.7' });
  });

  it('refuses an unknown address, a wrong password, and a disabled account in the same words', async () => {
    const [ada, grace] = [await here.people.person(), await here.people.person({ enabled: false })];
    const attempts = [
      { email: 'nobody@example.com', password: PASSWORD },
      { email: ada.email ?? '', password: `${PASSWORD}!` },
      { email: ada.email ?? '', password: '' },
      { email: grace.email ?? '', password: PASSWORD },
    ];

    const problems = await Promise.all(
      attempts.map((input) =>
        here.logins.login(contextOf(null), input).catch((error: unknown) => (error as UserError).problems),
      ),
    );

    expect(problems[0]).toMatchObject([{ code: 'INVALID', field: ['password'] }]);
    expect(problems).toEqual(attempts.map(() => problems[0]));
    expect([...(await sessionsOf(ada.id)), ...(await sessionsOf(grace.id))]).toEqual([]);
  });

  it('tells of each refusal, with the address and never the password', async () => {
    const ada = await here.people.person();
    const guess = 'guess, guess, guess';
    await expect(here.login(ada, guess)).rejects.toMatchObject({ code: 'INVALID' });
    const unknown = here.logins.login(contextOf(null), { email: 'who@example.com', password: guess });
    await expect(unknown).rejects.toMatchObject({ code: 'INVALID' });

    const events = [...(await here.people.trail(ada.id)), ...(await here.people.trail(null))];

    const refusals = events.filter((event) => event.action === 'SESSION_REFUSED');
    expect(refusals.map(({ success, actorId }) => ({ success, actorId }))).toEqual(
      refusals.map(() => ({ success: false, actorId: null })),
    );
    expect(refusals.map((event) => event.detail)).toEqual(
      expect.arrayContaining([{ email: ada.email }, { email: 'who@example.com' }]),
    );
    expect(JSON.stringify(events)).not.toContain(guess);
  });

  it('hashes no more guesses than are allowed, however many come at once on all replicas', async () => {
    const ada = await here.people.person();
    let hashed = 0;
    for (const { people } of [here, there]) {
      const verify = people.hasher.verify.bind(people.hasher);
      people.hasher.verify = (...given) => {
        hashed += 1;
        return verify(...given);
      };
    }

    const results = await Promise.allSettled(
      Array.from({ length: 30 }, (_, index) =>
        (index % 2 ? here : there).login(ada, `guess number ${index}`, '203.0.113.9'),
      ),
    );

    const refusals = results.map((each) => (each.status === 'rejected' ? (each.reason as unknown) : undefined));
    expect(refusals.filter((error) => error instanceof RateLimitedError)).toHaveLength(25);
    expect(hashed).toBe(5);
    await expect(here.login(ada, PASSWORD, '203.0.113.9')).rejects.toThrow(RateLimitedError);
    await expect(here.login(ada, PASSWORD, '203.0.113.10')).resolves.toBeDefined();
  });

  it('forgives earlier slips once the password was right', async () => {
    const ada = await here.people.person();
    for (let slip = 1; slip <= 4; slip += 1) await here.login(ada, 'slip', '203.0.113.20').catch(() => undefined);

    await here.login(ada, PASSWORD, '203.0.113.20');

    for (let slip = 1; slip <= 5; slip += 1) {
      await expect(here.login(ada, 'slip', '203.0.113.20')).rejects.toMatchObject({ code: 'INVALID' });
    }
  });

  it('starts nothing for whom is disabled, or gets another password, while the old one is being checked', async () => {
    const [ada, grace] = [await here.people.person(), await here.people.person()];
    const manager = contextOf(await here.people.manager());
    const { prove } = here.people.check;
    const meanwhile = async (change: () => Promise<unknown>, login: () => Promise<unknown>) => {
      here.people.check.prove = async (...given) => {
        const proof = await prove.apply(here.people.check, given);
        await change();
        return proof;
      };
      await expect(login()).rejects.toMatchObject({ code: 'INVALID' });
      here.people.check.prove = prove;
    };

    await meanwhile(
      () => there.people.change.update(manager, { id: ada.id, enabled: false }),
      () => here.login(ada),
    );
    await meanwhile(
      () => there.people.passwords.change(manager, { id: grace.id, newPassword: 'another made up one' }),
      () => here.login(grace),
    );

    expect([...(await sessionsOf(ada.id)), ...(await sessionsOf(grace.id))]).toEqual([]);
  });
});
