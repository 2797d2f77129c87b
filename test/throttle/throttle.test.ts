import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { nowMsSql } from '../../src/database/dialect.js';
import { RateLimitedError } from '../../src/errors.js';
import { ThrottleCounterEntity } from '../../src/throttle/throttle-counter.entity.js';
import type { ThrottleLimit } from '../../src/throttle/throttle.js';
import { describeEachDatabase } from '../support/databases.js';
import { People } from '../user/people.js';

describeEachDatabase('the throttle', (testDatabase) => {
  let here: People;
  let there: People;

  beforeAll(async () => {
    const url = await testDatabase.freshUrl();
    here = await People.open(url);
    there = await here.replica(url);
  });
  afterAll(async () => {
    await here.close();
    if (there.database !== here.database) await there.close();
  });

  const limitOf = (name: string, max = 3): ThrottleLimit => ({ key: ['test', name], max, windowMs: 60_000 });

  const outcomes = async (attempts: Promise<unknown>[]) => {
    const results = await Promise.allSettled(attempts);
    const refusals = results.filter((each) => each.status === 'rejected').map((each) => each.reason as unknown);
    return { passed: results.length - refusals.length, refusals };
  };

  const endAllWindows = () =>
    here.unitOfWork.run((tx) => tx.manager.updateAll(ThrottleCounterEntity, { windowEndsAtMs: 1 }));

  it('lets so many attempts pass, then says when the next one counts', async () => {
    const limit = limitOf('sequence');
    for (let attempt = 1; attempt <= 3; attempt += 1) await here.throttle.reserve([limit]);

    const refused = await here.throttle.reserve([limit]).catch((error: unknown) => error);

    const sql = `SELECT ${nowMsSql(here.database.dialect)} AS now`;
    const [row] = await here.database.manager.query<{ now: string | number }[]>(sql);
    expect(refused).toBeInstanceOf(RateLimitedError);
    const waitMs = (refused as RateLimitedError).retryAt.getTime() - Number(row?.now);
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(60_000);
    expect((refused as RateLimitedError).retryAfterSeconds).toBeGreaterThanOrEqual(Math.ceil(waitMs / 1000));
    expect((refused as RateLimitedError).retryAfterSeconds).toBeLessThanOrEqual(60);
    expect((refused as RateLimitedError).message).toContain((refused as RateLimitedError).retryAt.toISOString());
  });

  it('lets no more pass when they come at once, from all replicas', async () => {
    const limit = limitOf('parallel', 7);

    const attempts = Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? here : there).throttle.reserve([limit]),
    );

    const { passed, refusals } = await outcomes(attempts);
    expect(passed).toBe(7);
    expect(refusals.every((error) => error instanceof RateLimitedError)).toBe(true);
  });

  it('counts an attempt against every limit or, when one refuses, against none', async () => {
    const tight = limitOf('tight', 1);
    const wide = limitOf('wide', 2);
    await here.throttle.reserve([tight, wide]);

    await expect(here.throttle.reserve([wide, tight])).rejects.toThrow(RateLimitedError);

    await here.throttle.reserve([wide]);
    await expect(here.throttle.reserve([wide])).rejects.toThrow(RateLimitedError);
  });

  it('keeps limits of different keys apart', async () => {
    const joined: ThrottleLimit = { key: ['a', 'b,c'], max: 1, windowMs: 60_000 };
    const apart: ThrottleLimit = { key: ['a,b', 'c'], max: 1, windowMs: 60_000 };
    await here.throttle.reserve([joined]);

    await expect(here.throttle.reserve([apart])).resolves.toBeUndefined();
  });

  it('begins a new window once the old one is over', async () => {
    const limit = limitOf('window', 2);
    await here.throttle.reserve([limit]);
    await here.throttle.reserve([limit]);
    await endAllWindows();

    const { passed } = await outcomes(Array.from({ length: 5 }, () => here.throttle.reserve([limit])));

    expect(passed).toBe(2);
  });

  it('forgets all attempts when told so', async () => {
    const limit = limitOf('cleared', 1);
    await here.throttle.reserve([limit]);

    await there.throttle.clear(limit);

    await expect(here.throttle.reserve([limit])).resolves.toBeUndefined();
  });

  it('takes one attempt back, and never more than there were', async () => {
    const limit = limitOf('back', 2);
    await here.throttle.reserve([limit]);
    await here.throttle.reserve([limit]);

    for (let times = 1; times <= 4; times += 1) await here.throttle.giveBack([limit, limitOf('never counted')]);

    const { passed } = await outcomes(Array.from({ length: 5 }, () => here.throttle.reserve([limit])));
    expect(passed).toBe(2);
  });

  it('purges counters whose window is over, and no others', async () => {
    await here.throttle.reserve([limitOf('old')]);
    await endAllWindows();
    const running = limitOf('running', 1);
    await here.throttle.reserve([running]);

    await here.throttle.purge();

    expect(await here.database.manager.count(ThrottleCounterEntity)).toBe(1);
    await expect(here.throttle.reserve([running])).rejects.toThrow(RateLimitedError);
  });
});
