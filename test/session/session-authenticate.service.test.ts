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

  it('takes a request without the header for an anonymous one', async () => {
    expect(await here.authentication.authenticate(undefined)).toBeNull();
  });

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

  it.each([
    '',
    'Bearer',
    'Bearer ',
    'Basic dXNlcjpwYXNzd29yZA==',
    'Bearer a b',
    'Bearer a,b',
    'bearer\u0000x',
    'Bearer x.y.z',
  ])('refuses the header "%s"', async (header) => {
    await expect(here.authentication.authenticate(header)).rejects.toThrow(UnauthenticatedError);
  });

  it('takes the scheme in any case', async () => {
    const { accessToken, user } = await here.login(await here.people.person());

    expect(await here.authentication.authenticate(`bearer  ${accessToken}`)).toMatchObject({ id: user.id });
  });

  it('refuses a user who was disabled on another replica, at once, and again when he is enabled', async () => {
    const ada = await here.people.person();
    const grant = await here.login(ada);
    await here.authenticate(grant);

    await there.people.change.update(await manager(), { id: ada.id, enabled: false });

    await expect(here.authenticate(grant)).rejects.toThrow(UnauthenticatedError);
    await expect(here.refresh(grant.refresh?.value)).rejects.toThrow(UnauthenticatedError);
    await there.people.change.update(await manager(), { id: ada.id, enabled: true });
    await expect(here.authenticate(grant)).rejects.toThrow(UnauthenticatedError);
    await expect(here.login(ada)).resolves.toBeDefined();
  });

  it('refuses a user who was disabled by whatever means', async () => {
    const ada = await here.people.person();
    const grant = await here.login(ada);

    await there.people.unitOfWork.run((tx) => there.people.users.update(tx, { ...ada }, { enabled: false }));

    await expect(here.authenticate(grant)).rejects.toThrow(UnauthenticatedError);
  });

  it('refuses a deleted user', async () => {
    const ada = await here.people.person();
    const grant = await here.login(ada);

    await there.people.deletion.delete(await manager(), { id: ada.id });

    await expect(here.authenticate(grant)).rejects.toThrow(UnauthenticatedError);
    expect(await here.people.database.manager.existsBy(SessionEntity, { userId: ada.id })).toBe(false);
  });

  it('refuses a session that has expired, whatever the token says', async () => {
    const grant = await here.login(await here.people.person());
    const actor = await here.authenticate(grant);
    const past = new Date(here.people.clock.nowMs);

    await here.people.unitOfWork.run((tx) =>
      tx.manager.update(SessionEntity, { id: actor?.sessionId ?? '' }, { expiresAt: past }),
    );

    await expect(here.authenticate(grant)).rejects.toThrow(UnauthenticatedError);
    expect(SESSION_IDLE_MS).toBeGreaterThan(0);
  });

  it('refuses a token that names the session of another', async () => {
    const [ada, grace] = [await here.people.person(), await here.people.person()];
    const actor = await here.authenticate(await here.login(ada));

    const mixed = here.tokens.issue({ userId: grace.id, sessionId: actor?.sessionId ?? '' });

    await expect(here.authenticate(mixed)).rejects.toThrow(UnauthenticatedError);
  });

  it('ends every other session with a change of password, and every one when a manager changes it', async () => {
    const ada = await here.people.person();
    const [first, second] = [await here.login(ada), await here.login(ada)];
    const actor = await here.authenticate(first);
    const own = { currentPassword: PASSWORD, newPassword: 'another made up one' };

    await here.people.passwords.change(contextOf(actor), own);
    await expect(there.authenticate(second)).rejects.toThrow(UnauthenticatedError);
    await expect(there.authenticate(first)).resolves.toMatchObject({ id: ada.id });

    await there.people.passwords.change(await manager(), { id: ada.id, newPassword: 'one more made up one' });
    await expect(here.authenticate(first)).rejects.toThrow(UnauthenticatedError);
  });
});
