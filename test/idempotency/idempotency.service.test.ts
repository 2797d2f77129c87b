import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { by, type Call, KeyedCalls } from './keyed-calls.js';

describeEachDatabase('a call with an idempotency key', (testDatabase) => {
  let calls: KeyedCalls;
  beforeAll(async () => {
    calls = await KeyedCalls.open(await testDatabase.freshUrl());
  });
  afterAll(() => calls.close());
  beforeEach(() => calls.renew());

  it('gives a repeat the answer of the first, and does nothing again', async () => {
    const answers = [await calls.run(), await calls.run(), await calls.run()];

    expect(answers).toEqual(['thing_1', 'thing_1', 'thing_1']);
    expect(calls.making).toMatchObject({ effects: 1, repeats: 2 });
  });

  it('does what it is asked each time without the key', async () => {
    await calls.run({ key: null });
    await calls.run({ key: null });

    expect(calls.making).toMatchObject({ effects: 2, repeats: 0 });
  });

  it('has one effect when twenty come at once, and one answer', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => calls.run()));

    expect(new Set(answers)).toEqual(new Set(['thing_1']));
    expect(calls.making.effects).toBe(1);
  });

  it('has one effect when it comes to two replicas at once', async () => {
    const services = [calls.service, await calls.anotherReplica()];

    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => calls.run({}, calls.making, services[i % 2])),
    );

    expect(new Set(answers)).toEqual(new Set(['thing_1']));
    expect(calls.making.effects).toBe(1);
  });

  it('waits for the first', async () => {
    calls.making.close();
    const [first, second] = [calls.run(), calls.run()];
    let settled = false;
    void second.then(() => (settled = true));
    await delay(200);
    expect(settled).toBe(false);

    calls.making.open();

    expect(await Promise.all([first, second])).toEqual(['thing_1', 'thing_1']);
    expect(calls.making.effects).toBe(1);
  });

  it.each([
    ['a value', { name: 'a' }, { name: 'b' }],
    ['a secret', { clientSecret: 'one' }, { clientSecret: 'other' }],
    ['a field more', { name: 'a' }, { name: 'a', enabled: true }],
    ['null instead of nothing', { name: 'a' }, { name: 'a', category: null }],
    ['the order of a list', { scopes: ['a', 'b'] }, { scopes: ['b', 'a'] }],
    ['an instant', { at: new Date(1) }, { at: new Date(2) }],
    ['what is deep inside', { client: { scopes: ['a'] } }, { client: { scopes: ['b'] } }],
  ])('is refused with another input: %s', async (_what, input, other) => {
    await calls.run({ input });

    expect(await calls.refusal(calls.run({ input: other }))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(calls.making).toMatchObject({ effects: 1, repeats: 0 });
  });

  it('is refused with another input while the first still runs', async () => {
    calls.making.close();
    const first = calls.run();
    await calls.untilReserved();

    expect(await calls.refusal(calls.run({ input: { name: 'b' } }))).toBe('IDEMPOTENCY_KEY_REUSED');

    calls.making.open();
    expect(await first).toBe('thing_1');
  });

  it('is the same with its fields in another order', async () => {
    await calls.run({ input: { name: 'a', client: { clientId: 'x', scopes: ['a'] } } });

    expect(await calls.run({ input: { client: { scopes: ['a'], clientId: 'x' }, name: 'a' } })).toBe('thing_1');
  });

  it.each<[string, Call]>([
    ['another user', { ctx: by('usr_2') }],
    ['another mutation', { mutation: 'createOther' }],
  ])('is another one when it comes from %s', async (_what, other) => {
    await calls.run();

    expect(await calls.run({ ...other, input: { name: 'b' } })).toBe('thing_2');
    expect(calls.making).toMatchObject({ effects: 2, repeats: 0 });
  });

  it('is not confused by keys that look like each other', async () => {
    await calls.run({ mutation: 'create', key: 'Thing,x' });
    await calls.run({ mutation: 'createThing', key: 'x' });
    await calls.run({ mutation: 'createThing', key: 'X' });
    await calls.run({ mutation: 'createThing', key: 'x ' });

    expect(calls.making).toMatchObject({ effects: 4, repeats: 0 });
  });

  it('stores ids and hashes: neither key nor input', async () => {
    const secret = `canary${randomBytes(12).toString('hex')}`;
    await calls.run({ key: `key of ${secret}`, input: { clientSecret: secret } });

    const rows = JSON.stringify(await calls.replica.database.manager.query('SELECT * FROM idempotency_record'));

    expect(rows).toContain('thing_1');
    expect(rows).not.toContain(secret);
  });
});
