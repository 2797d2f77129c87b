import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { Gate, json, ScriptedProvider, SCRIPTED_CLIENT } from '../token/scripted-provider.js';
import { TokenLife } from '../token/token-life.js';

const BUSY = json({ error: 'temporarily_unavailable' }, 503);

describeEachDatabase('revocations that are due', (database) => {
  let life: TokenLife;
  let one: ScriptedProvider;
  let other: ScriptedProvider;
  let log: string[] = [];

  beforeAll(async () => {
    one = await ScriptedProvider.start();
    other = await ScriptedProvider.start();
    life = await TokenLife.start(database, { onLog: (line) => log.push(line) });
  });
  afterAll(async () => {
    await life.stop();
    await Promise.all([one.close(), other.close()]);
  });
  beforeEach(() => {
    log = [];
    one.reset();
    other.reset();
  });

  /** Revoked tokens of which the provider knows nothing yet, with two credentials each. */
  const waiting = async (scripted: ScriptedProvider, count: number): Promise<string[]> => {
    const { id: providerId } = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const ids: string[] = [];
    for (let made = 0; made < count; made += 1) {
      const { id } = await life.connected({ providerId });
      scripted.next(BUSY, BUSY);
      await life.mutate('revokeToken', { id });
      ids.push(id as string);
    }
    scripted.reset();
    return ids;
  };
  const makeDue = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) await life.rows.makeRevocationsDue(id);
  };
  const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  const areSent = async (ids: readonly string[]): Promise<boolean> => {
    const pending = await Promise.all(ids.map((id) => life.rows.pendingRevocations(id)));
    return pending.every((count) => count === 0);
  };

  it('wait for no other provider that stalls, to which two are sent at a time', async () => {
    const [stalled, prompt] = [await waiting(one, 3), await waiting(other, 3)];
    const gates = Array.from({ length: 6 }, () => new Gate());
    one.next(...gates.map((gate) => gate.holding(json({}))));
    await makeDue(stalled);
    await until(() => one.revocations.length > 0);

    await makeDue(prompt);
    await until(() => areSent(prompt));
    const atOnce = one.revocations.length;
    for (const gate of gates) gate.release();
    await until(() => areSent(stalled));

    expect(atOnce).toBe(2);
    expect([one.revocations.length, other.revocations.length]).toEqual([6, 6]);
  });

  it('are put off together when their provider does not answer', async () => {
    const [down, up] = [await waiting(one, 3), await waiting(other, 1)];
    one.next(...Array.from({ length: 6 }, () => BUSY));
    await makeDue(down);
    await until(() => log.some((line) => line.includes('does not answer to revocations')));
    await makeDue(up);
    await until(() => areSent(up));

    expect(one.revocations.length).toBeLessThanOrEqual(2);
    expect(log.filter((line) => line.includes('does not answer to revocations'))).toHaveLength(1);
    expect(await areSent(down)).toBe(false);
  });

  it('are all sent where one client is refused, as its provider is well', async () => {
    const [refused, good] = [await waiting(one, 1), await waiting(one, 1)];
    one.next(json({ error: 'invalid_client' }, 401), json({ error: 'invalid_client' }, 401));
    await makeDue(refused);
    await until(() => one.revocations.length === 2);
    await makeDue(good);

    await until(() => areSent(good));

    expect(log.filter((line) => line.includes('does not answer to revocations'))).toEqual([]);
  });
});
