import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { ExchangeAttemptEntity } from '../../src/token/exchange-attempt.entity.js';
import { ExchangeOwnerRepository } from '../../src/token/exchange-owner.repository.js';
import type { ExchangeOwners } from '../../src/token/exchange-owners.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';
import { exchangeOwners, type Here } from './exchange-owners.js';
import { at, MINUTE_MS } from './stored-rows.js';

const SECOND_MS = 1000;

describeEachDatabase('what a replica may send again that another has sent', (on) => {
  const monotonic = performance.now.bind(performance);
  let database: Database;
  let passedMs: number;
  let sleptMs: number;
  let owner: ExchangeOwners;
  let other: ExchangeOwners;
  let ownersHere: Here;

  const clock = { now: () => at(passedMs + sleptMs) };

  beforeEach(async () => {
    passedMs = 0;
    sleptMs = 0;
    performance.now = () => monotonic() + passedMs;
    database = await freshDatabase(on);
    ownersHere = { id: 'rep_owner', spool: { size: 0 }, underWay: { since: null } };
    owner = exchangeOwners(database, clock, ownersHere);
    other = exchangeOwners(database, clock, { id: 'rep_other' });
  });
  afterEach(() => {
    performance.now = monotonic;
  });

  /** In steps in which these tell of themselves. */
  const pass = async (ms: number, ...heard: ExchangeOwners[]): Promise<void> => {
    for (let left = ms; left > 0; left -= 10 * SECOND_MS) {
      passedMs += Math.min(left, 10 * SECOND_MS);
      for (const each of heard) await each.runDue();
    }
  };
  /** Sent by the owner at the beginning. @returns after so much time */
  const mayRepeat = async (rotation: 'NONE' | 'ROTATING' = 'ROTATING'): Promise<boolean> => {
    const sent = { ownerId: 'rep_owner', startedAt: at(0), spentHash: 'same' };
    const attempt = Object.assign(new ExchangeAttemptEntity(), sent);
    const when = await other.mayRepeatAt(attempt, rotation, { expiresAt: null });
    return when === null || when <= clock.now();
  };

  it('is nothing of an owner that is alive and has its answer on disk, however long', async () => {
    ownersHere.spool.size = 1;
    await pass(60 * MINUTE_MS, owner, other);

    expect(await mayRepeat()).toBe(false);
  });

  it('is nothing of an owner that is still at it', async () => {
    ownersHere.underWay.since = at(0);
    await pass(60 * MINUTE_MS, owner, other);

    expect(await mayRepeat()).toBe(false);
  });

  it('is what an owner has sent that has ended it, and holds no answer', async () => {
    await owner.runDue();
    expect(await mayRepeat()).toBe(false);

    await pass(10 * SECOND_MS, owner);

    expect(await mayRepeat()).toBe(true);
  });

  it('is nothing that an owner has sent after its last report, by a clock that was corrected', async () => {
    passedMs = 4 * SECOND_MS;
    await owner.runDue();
    // It sends, by then at 0, and is killed with the answer on its disk.
    await pass(11 * MINUTE_MS);
    await other.runDue();

    expect(await mayRepeat()).toBe(false);
  });

  it('is what an owner has sent that is dead, once it was waited for', async () => {
    ownersHere.spool.size = 1;
    await pass(MINUTE_MS, owner, other);
    await pass(8 * MINUTE_MS, other);
    expect(await mayRepeat()).toBe(false);

    await pass(2 * MINUTE_MS, other);

    expect(await mayRepeat()).toBe(true);
  });

  it('is nothing after an outage in which nobody was heard, until the owner could have spoken', async () => {
    ownersHere.spool.size = 1;
    await pass(MINUTE_MS, owner, other);
    await pass(20 * MINUTE_MS);
    expect(await mayRepeat()).toBe(false);
    await other.runDue();
    expect(await mayRepeat()).toBe(false);
    await pass(20 * SECOND_MS, other);
    expect(await mayRepeat()).toBe(false);

    await pass(MINUTE_MS, other);

    expect(await mayRepeat()).toBe(true);
  });

  it('is nothing when the database came back for a moment only, and went away again', async () => {
    ownersHere.spool.size = 1;
    await pass(MINUTE_MS, owner, other);
    await pass(20 * MINUTE_MS);
    await other.runDue();
    await pass(25 * SECOND_MS);
    await other.runDue();
    await pass(10 * SECOND_MS, other);

    expect(await mayRepeat()).toBe(false);
  });

  it('is nothing when the machine of all of them has slept, where the monotonic clock stands still', async () => {
    ownersHere.spool.size = 1;
    await pass(MINUTE_MS, owner, other);
    sleptMs = 60 * MINUTE_MS;
    await pass(10 * SECOND_MS, other);

    expect(await mayRepeat()).toBe(false);
  });

  it('is nothing for a replica that has just started', async () => {
    await pass(30 * MINUTE_MS);
    await other.runDue();

    expect(await mayRepeat()).toBe(false);
  });

  it('is everything at once where a second use does no harm', async () => {
    expect(await mayRepeat('NONE')).toBe(true);
  });

  it('is not decided by what a clock told that was ahead', async () => {
    await pass(60 * MINUTE_MS, owner, other);
    passedMs = 15 * MINUTE_MS;
    const rows = new ExchangeOwnerRepository(database);

    await new UnitOfWork(database).run((tx) => rows.clockSetBack(tx, { now: clock.now(), byMs: 45 * MINUTE_MS }));

    expect(await rows.all()).toEqual([]);
    expect(await mayRepeat()).toBe(false);
  });

  it('is known of replicas that told of themselves within a month', async () => {
    await owner.runDue();
    await pass(SECOND_MS, other);
    passedMs += 31 * 24 * 60 * MINUTE_MS;
    await other.runDue();

    await other.purge();

    expect((await new ExchangeOwnerRepository(database).all()).map(({ id }) => id)).toEqual(['rep_other']);
  });
});
