import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { UserEntity } from '../../src/user/user.entity.js';
import { newId } from '../../src/ids.js';
import { SessionEntity } from '../../src/session/session.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { contextOf, People } from './people.js';

describeEachDatabase('deleting users', (testDatabase) => {
  let people: People;
  let manager: UserEntity;

  beforeAll(async () => {
    people = await People.open(await testDatabase.freshUrl());
    manager = await people.manager();
  });
  afterAll(() => people.close());

  it('removes the user and keeps his trace', async () => {
    const user = await people.person();

    const deleted = await people.deletion.delete(contextOf(manager), { id: user.id });

    expect(deleted).toEqual(user);
    expect(await people.users.findById(user.id)).toBeNull();
    const [, event] = await people.trail(user.id);
    expect(event).toMatchObject({ action: 'USER_DELETED', actorId: manager.id, detail: { email: user.email } });
  });

  it('ends the sessions of the user, a batch with each statement', async () => {
    const { clock, database, deletion } = people;
    const { id: userId } = await people.person();
    const instants = { rotatedAt: clock.now(), expiresAt: clock.now(), createdAt: clock.now() };
    const session = () => ({ id: newId('session'), userId, refreshHash: '', previousRefreshHash: null, ...instants });
    await database.writer.manager.insert(SessionEntity, Array.from({ length: 450 }, session));
    const sent: string[] = [];
    const { logger } = database.writer;
    const logQuery = (sql: string) => void sent.push(sql);
    database.writer.logger = Object.assign(Object.create(logger) as typeof logger, { logQuery });

    await deletion.delete(contextOf(manager), { id: userId });

    database.writer.logger = logger;
    expect(await database.manager.countBy(SessionEntity, { userId })).toBe(0);
    expect(sent.filter((sql) => /^DELETE FROM .session\b/.test(sql))).toHaveLength(3);
  });

  it('frees the address', async () => {
    const { id, email } = await people.person();
    await people.deletion.delete(contextOf(manager), { id });

    await expect(people.person({ email })).resolves.toMatchObject({ email });
  });

  it('happens once when asked for twice at the same time', async () => {
    const { id } = await people.person();

    const results = await Promise.allSettled([1, 2].map(() => people.deletion.delete(contextOf(manager), { id })));

    expect(results.filter((each) => each.status === 'fulfilled')).toHaveLength(1);
    expect((await people.trail(id)).filter((event) => event.action === 'USER_DELETED')).toHaveLength(1);
  });

  it('knows no user of another id', async () => {
    const refusal = people.deletion.delete(contextOf(manager), { id: 'nonsense' });

    await expect(refusal).rejects.toMatchObject({ problems: [{ code: 'NOT_FOUND', field: ['id'] }] });
  });
});
