import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { UnauthenticatedError } from '../../src/errors.js';
import { SESSION_IDLE_MS } from '../../src/session/session-lifetime.js';
import { SessionEntity } from '../../src/session/session.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { contextOf, PASSWORD } from '../user/people.js';
import { Sessions } from './sessions.js';

describeEachDatabase('authenticating a request', (testDatabase) => {
  let here: Sessions;
  let there: Sessions;

  beforeAll(async () => {
    const url = await testDatabase.freshUrl();
    here = await Sessions.open(url);
    there = await here.replica(url);
  });
  afterAll(() => here.close(there));

  const manager = async () => contextOf(await here.people.manager());

  it('recognises the user with the roles he has now', async () => {
    const ada = await here.people.person();
    const grant = await here.login(ada);
    await there.people.change.update(await manager(), { id: ada.id, name: 'Countess', roles: ['AUDITOR'] });

    const actor = await here.authenticate(grant);

    expect(actor).toEqual({
      id: ada.id,
      name: 'Countess',
      roles: ['AUDITOR'],
      sessionId: expect.stringMatching(/^ses_/),
    });
  });

  it('asks the database one query', async () => {
    const grant = await here.login(await here.people.person());
    const { manager: entityManager } = here.people.database;
    const { createQueryBuilder } = entityManager;
    let queries = 0;
    entityManager.createQueryBuilder = ((...given: Parameters<typeof createQueryBuilder>) => {
      queries += 1;
      return createQueryBuilder.apply(entityManager, given);
    }) as typeof createQueryBuilder;

    await here.authenticate(grant);

    entityManager.createQueryBuilder = createQueryBuilder;
    expect(queries).toBe(1);
  });

  it.each(['', 'x', 'x.y.z'])('refuses "%s"', async (text) => {
    expect(await here.authentication.authenticate(text)).toBeNull();
  });

  it('refuses a user who was disabled on another replica, at once, and again when he is enabled', async () => {
    const ada = await here.people.person();
    const grant = await here.login(ada);
    await here.authenticate(grant);

    await there.people.change.update(await manager(), { id: ada.id, enabled: false });

    expect(await here.authenticate(grant)).toBeNull();
    await expect(here.refresh(grant.refresh?.value)).rejects.toThrow(UnauthenticatedError);
    await there.people.change.update(await manager(), { id: ada.id, enabled: true });
    expect(await here.authenticate(grant)).toBeNull();
    await expect(here.login(ada)).resolves.toBeDefined();
  });

  it('refuses a user who was disabled by whatever means', async () => {
    const ada = await here.people.person();
    const grant = await here.login(ada);

    await there.people.unitOfWork.run((tx) => there.people.users.update(tx, { ...ada }, { enabled: false }));

    expect(await here.authenticate(grant)).toBeNull();
  });

  it('refuses a deleted user', async () => {
    const ada = await here.people.person();
    const grant = await here.login(ada);

    await there.people.deletion.delete(await manager(), { id: ada.id });

    expect(await here.authenticate(grant)).toBeNull();
    expect(await here.people.database.manager.existsBy(SessionEntity, { userId: ada.id })).toBe(false);
  });

  it('refuses a session that has expired, whatever the token says', async () => {
    const grant = await here.login(await here.people.person());
    const actor = await here.authenticate(grant);
    const past = new Date(here.people.clock.nowMs);

    await here.people.unitOfWork.run((tx) =>
      tx.manager.update(SessionEntity, { id: actor?.sessionId ?? '' }, { expiresAt: past }),
    );

    expect(await here.authenticate(grant)).toBeNull();
    expect(SESSION_IDLE_MS).toBeGreaterThan(0);
  });

  it('refuses a token that names the session of another', async () => {
    const [ada, grace] = [await here.people.person(), await here.people.person()];
    const actor = await here.authenticate(await here.login(ada));

    const mixed = here.tokens.issue({ userId: grace.id, sessionId: actor?.sessionId ?? '' });

    expect(await here.authenticate(mixed)).toBeNull();
  });

  it('ends every other session with a change of password, and every one when a manager changes it', async () => {
    const ada = await here.people.person();
    const [first, second] = [await here.login(ada), await here.login(ada)];
    const actor = await here.authenticate(first);
    const own = { currentPassword: PASSWORD, newPassword: 'another made up one' };

    await here.people.passwords.change(contextOf(actor), own);
    expect(await there.authenticate(second)).toBeNull();
    await expect(there.authenticate(first)).resolves.toMatchObject({ id: ada.id });

    await there.people.passwords.change(await manager(), { id: ada.id, newPassword: 'one more made up one' });
    expect(await here.authenticate(first)).toBeNull();
  });
});
