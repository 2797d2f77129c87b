import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SESSION_IDLE_MS } from '../../src/session/session-lifetime.js';
import { SessionEntity } from '../../src/session/session.entity.js';
import { ThrottleCounterEntity } from '../../src/throttle/throttle-counter.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { Sessions } from './sessions.js';

describeEachDatabase('housekeeping of sessions', (testDatabase) => {
  let sessions: Sessions;

  beforeAll(async () => {
    sessions = await Sessions.open(await testDatabase.freshUrl());
  });
  afterAll(() => sessions.close());

  it('removes sessions and counters that are over, and no others', async () => {
    const { people } = sessions;
    const ada = await people.person();
    await sessions.login(ada);
    await people.unitOfWork.run((tx) => tx.manager.updateAll(ThrottleCounterEntity, { windowEndsAtMs: 1 }));
    people.clock.nowMs += SESSION_IDLE_MS;
    await sessions.login(await people.person(), undefined, '198.51.100.1');

    await sessions.housekeeping.purge();

    const left = await people.database.manager.find(SessionEntity);
    expect(left).toHaveLength(1);
    expect(left[0]?.userId).not.toBe(ada.id);
    expect(await people.database.manager.count(ThrottleCounterEntity)).toBe(2);
  });
});
