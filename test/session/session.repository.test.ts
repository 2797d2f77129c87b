import { expect, it } from '@jest/globals';
import { BATCH_SIZE } from '../../src/database/delete-in-batches.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { newId } from '../../src/ids.js';
import { SessionEntity } from '../../src/session/session.entity.js';
import { SessionRepository } from '../../src/session/session.repository.js';
import { describeEachDatabase } from '../support/databases.js';
import { longestWrite } from '../support/longest-write.js';
import { freshDatabase } from '../support/open-database.js';
import { NOW, saveRows, userRow } from '../token/stored-rows.js';

function sessionRow(userId: string): SessionEntity {
  const row = { id: newId('session'), userId, refreshHash: 'hash', previousRefreshHash: null };
  return Object.assign(new SessionEntity(), { ...row, rotatedAt: NOW, expiresAt: NOW, createdAt: NOW });
}

describeEachDatabase('sessions of a user, however many they are,', (on) => {
  it.each([
    ['all', null, 451],
    ['all but one', 300, 450],
  ])('end in short statements: %s', async (_which, keptIndex, expected) => {
    const database = await freshDatabase(on);
    const [ada, bob] = [userRow(), userRow()];
    await saveRows(database, { users: [ada, bob] });
    const own = Array.from({ length: 451 }, () => sessionRow(ada.id));
    const [kept, foreign] = [keptIndex === null ? undefined : own[keptIndex], sessionRow(bob.id)];
    await database.writer.manager.insert(SessionEntity, [...own, foreign]);
    const sessions = new SessionRepository(database);
    const counts: number[] = [];

    const longest = await longestWrite(database, () =>
      new UnitOfWork(database).run(async (tx) => counts.push(await sessions.deleteAllOf(tx, ada.id, kept?.id))),
    );

    expect(counts).toEqual([expected]);
    const left = await database.manager.find(SessionEntity, { order: { id: 'ASC' } });
    expect(left.map(({ id }) => id)).toEqual([...(kept ? [kept.id] : []), foreign.id]);
    expect(longest).toBeLessThanOrEqual(2 * BATCH_SIZE);
  });
});
