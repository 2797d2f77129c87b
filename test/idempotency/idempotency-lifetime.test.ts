import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { UserError } from '../../src/errors.js';
import { describeEachDatabase } from '../support/databases.js';
import { KeyedCalls, Making } from './keyed-calls.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

describeEachDatabase('an idempotency key', (testDatabase) => {
  let calls: KeyedCalls;
  beforeAll(async () => {
    calls = await KeyedCalls.open(await testDatabase.freshUrl());
  });
  afterAll(() => calls.close());
  beforeEach(() => calls.renew());

  it('is free again after a call that failed, whatever with', async () => {
    for (const error of [new UserError({ code: 'TAKEN', message: 'taken' }), new TypeError('broken')]) {
      calls.making.fails = () => error;
      await expect(calls.run()).rejects.toBe(error);
    }
    calls.making.fails = undefined;

    expect(await calls.run({ input: { name: 'corrected' } })).toBe('thing_1');
    expect(calls.making.effects).toBe(1);
  });

  it('hides no reason of a failure when it cannot be freed', async () => {
    const rename = (from: string, to: string) =>
      calls.replica.unitOfWork.run((tx) => tx.manager.query(`ALTER TABLE ${from} RENAME TO ${to}`));
    calls.making.execute = async () => {
      await rename('idempotency_record', 'away');
      throw new TypeError('the reason');
    };

    const attempt = calls.run();

    await expect(attempt).rejects.toThrow('the reason');
    await rename('away', 'idempotency_record');
  });

  it('lets a waiting call try when the first fails', async () => {
    const second = new Making(calls.replica);
    calls.making.close();
    calls.making.fails = () => new TypeError('broken');
    const failing = calls.run();
    await calls.untilReserved();
    const waiting = calls.run({}, second);

    calls.making.open();

    await expect(failing).rejects.toThrow('broken');
    expect(await waiting).toBe('thing_1');
    expect(second.effects).toBe(1);
  });

  it('is taken over from a process that died: after its minute, not before, and by database time', async () => {
    const heir = new Making(calls.replica);
    calls.making.close();
    const abandoned = calls.run();
    await calls.untilReserved();
    await calls.age('ownedUntilMs', MINUTE_MS - 10_000);
    const takenOver = calls.run({}, heir);
    await delay(200);
    expect(heir.effects).toBe(0);

    await calls.age('ownedUntilMs', 10_001);

    expect(await takenOver).toBe('thing_1');
    expect(heir.effects).toBe(1);
    expect(await calls.run()).toBe('thing_1');
    // The slow one wakes up, and must not have an effect besides.
    calls.making.open();
    expect(await calls.refusal(abandoned)).toBe('CONFLICT');
    expect(calls.making.effects).toBe(0);
    expect(await calls.run()).toBe('thing_1');
  });

  it('is taken over by one of many', async () => {
    const heirs = new Making(calls.replica);
    calls.making.close();
    const abandoned = calls.run();
    await calls.untilReserved();
    await calls.age('ownedUntilMs', MINUTE_MS + 1);

    const answers = await Promise.all(Array.from({ length: 10 }, () => calls.run({}, heirs)));

    expect(new Set(answers)).toEqual(new Set(['thing_1']));
    expect(heirs.effects).toBe(1);
    calls.making.open();
    expect(await calls.refusal(abandoned)).toBe('CONFLICT');
  });

  it('goes on working over rotations of the keys', async () => {
    const { rotation } = calls.replica;
    await calls.run();
    await rotation.rotate();
    expect(await calls.run()).toBe('thing_1');
    await rotation.rotate();
    calls.replicas.clock.nowMs += 2 * DAY_MS;
    await rotation.resume();

    expect(await calls.run()).toBe('thing_1');
    expect(await calls.refusal(calls.run({ input: { name: 'b' } }))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(calls.making).toMatchObject({ effects: 1, repeats: 2 });
  });

  it('is remembered for 24 hours', async () => {
    await calls.run();

    await calls.age('expiresAtMs', DAY_MS - MINUTE_MS);
    await calls.service.purge();

    expect(await calls.run()).toBe('thing_1');
    expect(calls.making.effects).toBe(1);
  });

  it('is forgotten then, before the purge has come', async () => {
    await calls.run();

    await calls.age('expiresAtMs', DAY_MS + 1);

    expect(await calls.run({ input: { name: 'b' } })).toBe('thing_2');
    expect(calls.making).toMatchObject({ effects: 2, repeats: 0 });
  });

  it('leaves no row behind the purge', async () => {
    await calls.run();
    await calls.age('expiresAtMs', DAY_MS + 1);
    expect(await calls.record()).not.toBeNull();

    await calls.service.purge();

    expect(await calls.record()).toBeNull();
  });
});
