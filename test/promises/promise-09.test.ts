import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HubFolder } from '../support/hub-process.js';
import { describeWithMachineClock, MachineClock } from '../support/machine-clock.js';
import { DatabaseWindow } from '../token/database-window.js';
import { Gate } from '../token/scripted-provider.js';
import { Replica, until } from './replica.js';
import { describeReplicas } from './describe-replicas.js';
import { heldAt, instead, RotatingProvider } from './rotating-provider.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const OFF_MS = 5 * MINUTE_MS;
const SHIFTS = [OFF_MS, -OFF_MS];
const SET_BACK = 'the clock of this machine was set back';

const shiftedBy = (ms: number): Record<string, string> => {
  const preload = pathToFileURL(join(import.meta.dirname, '../support/shifted-clock.mjs'));
  return { NODE_OPTIONS: `--import=${preload.href}?ms=${ms}` };
};

async function expiryOf(replica: Replica, id: string): Promise<number> {
  return new Date((await replica.find(id)).expiresAt as string).getTime();
}

describeReplicas(
  'promise 9: on MariaDB, with the clocks of the hubs off by five minutes, one ahead and one behind',
  2,
  (replicas) => {
    let provider: RotatingProvider;

    beforeEach(async () => {
      provider = await RotatingProvider.start('ROTATING');
    });
    afterEach(() => provider.close());

    describe.each([
      [0, 'ahead of', -300],
      [1, 'behind', 300],
    ])('replica %i, which is %s the database', (index, where, skew) => {
      const replica = (): Replica => replicas().at(index);

      it('says so and serves', async () => {
        const ready = await fetch(`${replica().hub.url}/ready`);
        const metrics = await (await fetch(`${replica().hub.url}/metrics`)).text();

        expect(ready.status).toBe(200);
        expect(await ready.json()).toEqual({
          status: 'ready',
          problems: [],
          warnings: [expect.stringMatching(`^the clock of this machine is \\d+\\.\\d s ${where}`)],
        });
        expect(Math.round(Number(/^hub_clock_skew_seconds\{of="hub"\} (.*)$/m.exec(metrics)?.[1]))).toBe(skew);
        expect(replica().hub.output).toContain('clocks differ that should agree');
      });

      it('counts lifetimes right', async () => {
        const before = Date.now();
        const id = await replica().connect(provider);
        const after = Date.now();

        // The database counts in whole milliseconds, and its clock is asked for on a way of some.
        expect(await expiryOf(replica(), id)).toBeGreaterThan(before + HOUR_MS - 1000);
        expect(await expiryOf(replica(), id)).toBeLessThan(after + HOUR_MS + 1000);
      });

      it('refreshes what has expired, and serves what has not without asking', async () => {
        const id = await replica().connect(provider);
        await replica().ask(
          'mutation ($input: UpdateTokenInput!) { updateToken(input: $input) { userErrors { message } } }',
          { input: { id, autoRefresh: false } },
        );
        const first = provider.accessToken;
        await replicas().rows.setLifetimeLeft(id, 2 * MINUTE_MS);
        expect(await replica().accessToken(id)).toEqual({ value: first, errors: [] });
        expect(provider.sent).toEqual([]);

        await replicas().rows.setLifetimeLeft(id, -2 * MINUTE_MS);
        expect(await replica().accessToken(id)).toEqual({ value: provider.accessToken, errors: [] });
        expect(provider.outcomes).toEqual(['ISSUED']);
        expect(provider.accessToken).not.toBe(first);
      });

      it('takes the session of the other one', async () => {
        const session = await replicas()
          .at(1 - index)
          .login();

        const { data } = await replica().hub.ask('{ viewer { email } }', {}, { authorization: `Bearer ${session}` });

        expect(data).toMatchObject({ viewer: { email: expect.any(String) } });
      });

      it('leaves the lease of the other one alone', async () => {
        const other = replicas().at(1 - index);
        const id = await other.connect(provider);
        await replicas().rows.setLifetimeLeft(id, -1000);
        const gate = new Gate();
        provider.next(heldAt(gate));

        const first = other.accessToken(id);
        await gate.reached();
        const second = replica().accessToken(id);
        await until(async () => Number((await replicas().rows.token(id))['leaseUntilMs']) > 0);
        gate.release();

        expect(await Promise.all([first, second])).toEqual([
          { value: provider.accessToken, errors: [] },
          { value: provider.accessToken, errors: [] },
        ]);
        expect(provider.outcomes).toEqual(['ISSUED']);
      });
    });
  },
  (index) => shiftedBy(SHIFTS[index] ?? 0),
);

describeWithMachineClock('promise 9: on SQLite, when the clock of the machine', () => {
  let clock: MachineClock;
  let folder: HubFolder;
  let hub: Replica;
  let rows: DatabaseWindow;
  let provider: RotatingProvider;

  beforeAll(async () => {
    clock = await MachineClock.make();
  });
  afterAll(() => clock.remove());
  beforeEach(async () => {
    [folder, provider] = await Promise.all([HubFolder.make(), RotatingProvider.start('ROTATING'), clock.set(0)]);
    rows = new DatabaseWindow(`sqlite:${join(folder.path, 'hub.sqlite')}`);
    hub = new Replica(folder, rows.databaseUrl, 'alone', clock.env);
  });
  afterEach(async () => {
    await folder.remove();
    await provider.close();
  });

  /** Two hours, of which one is over. */
  const agedToken = async (): Promise<string> => {
    provider.expiresIn = 7200;
    const id = await hub.connect(provider);
    await rows.query('UPDATE token SET issuedAt = ?', [textOf(-HOUR_MS)]);
    await rows.setLifetimeLeft(id, HOUR_MS);
    return id;
  };

  it.each(SHIFTS)('is off by %i ms all the time, lifetimes count all the same', async (ms) => {
    await clock.set(ms / 1000);
    await hub.start();
    const id = await hub.connect(provider);
    expect(await hub.accessToken(id)).toEqual({ value: provider.accessToken, errors: [] });
    expect(provider.sent).toEqual([]);
    expect(await expiryOf(hub, id)).toBeGreaterThan(Date.now() + ms + HOUR_MS - 10 * MINUTE_MS);

    await rows.setLifetimeLeft(id, ms - 1000);
    expect(await hub.accessToken(id)).toEqual({ value: provider.accessToken, errors: [] });
    expect(provider.outcomes).toEqual(['ISSUED']);
  });

  it('is set back while the hub runs, nothing of before is handed out', async () => {
    await hub.start();
    const id = await agedToken();
    const before = provider.accessToken;

    await clock.set(-1800);
    await hub.hub.until(SET_BACK);

    expect(await hub.accessToken(id)).toEqual({ value: provider.accessToken, errors: [] });
    expect(provider.accessToken).not.toBe(before);
    expect(provider.outcomes).toEqual(['ISSUED']);
    // By the clock as it is now.
    expect(await expiryOf(hub, id)).toBeLessThan(Date.now() + 2 * HOUR_MS - 1_700_000);
  });

  it('is set back while the hub is away, nothing of before is handed out', async () => {
    await hub.start();
    const id = await agedToken();
    await hub.kill();
    provider.next(...Array.from({ length: 3 }, () => instead((response) => void response.writeHead(503).end())));

    await clock.set(-1800);
    await hub.start();

    expect(hub.hub.output).toContain(SET_BACK);
    expect(await hub.accessToken(id)).toMatchObject({ value: null });
  });

  it('is set back while a refresh is under way, its lifetime counts by the new time', async () => {
    await hub.start();
    const id = await agedToken();
    await rows.setLifetimeLeft(id, -1000);
    const gate = new Gate();
    provider.next(heldAt(gate));

    const read = hub.accessToken(id);
    await gate.reached();
    await clock.set(-1800);
    await hub.hub.until(SET_BACK);
    gate.release();

    expect(await read).toEqual({ value: provider.accessToken, errors: [] });
    expect(provider.outcomes).toEqual(['ISSUED']);
    expect(await expiryOf(hub, id)).toBeLessThan(Date.now() + 2 * HOUR_MS - 1_700_000);
  });

  it('is set forward, what has expired by it is refreshed', async () => {
    await hub.start();
    const id = await agedToken();
    await rows.setLifetimeLeft(id, 6 * MINUTE_MS);
    const before = provider.accessToken;

    // Not for as long as a session lasts.
    await clock.set(8 * 60);
    await until(async () => (await hub.accessToken(id)).value !== before);

    expect(await hub.accessToken(id)).toEqual({ value: provider.accessToken, errors: [] });
    expect(provider.outcomes).toEqual(['ISSUED']);
    expect(hub.hub.output).not.toContain(SET_BACK);
  });
});

function textOf(ms: number): string {
  return new Date(Date.now() + ms).toISOString().replace('T', ' ').replace('Z', '');
}
