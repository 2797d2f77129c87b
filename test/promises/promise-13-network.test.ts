import { afterEach, describe, expect, it } from '@jest/globals';
import { PROVIDER_CAP } from '../../src/token/refresh-claims.js';
import { HOUR_MS, MINUTE_MS } from '../token/stored-rows.js';
import { REPLICAS, Simulation, TICK_MS } from './refresh-simulation.js';

const TOKENS = 1_000;
/** The first is due two minutes later. */
const BEGIN_MS = 52 * MINUTE_MS;
const NO_CONNECTION = { error: 'connect', unsent: true } as const;
const CLIENT_REFUSED = { error: 'invalid_client', clientLevel: true, permanent: true } as const;
/** Few enough for each to have had its turn a minute after. */
const FEW = 100;

describe('promise 13: with a network that is broken', () => {
  let simulation: Simulation;

  const started = async (tokens = TOKENS, replicas = REPLICAS): Promise<void> => {
    simulation = await Simulation.start(tokens, replicas);
    simulation.skipTo(BEGIN_MS);
  };
  const run = (ms: number) => simulation.run(simulation.elapsedMs + ms);
  const generations = async () => new Set((await simulation.tokens()).map(({ generation }) => generation));
  const sentSince = (ms: number) => simulation.sent.filter(({ atMs }) => atMs >= ms).length;
  const alarms = (words: string) => simulation.alarms.filter((line) => line.includes(words)).length;
  /** In an hour of outage, until that instant. */
  const expectProbes = (replicas: number, upMs: number): void => {
    const down = simulation.sent.map(({ atMs }) => atMs).filter((atMs) => atMs < upMs);
    // Until the outage is noticed: five in a row in one replica, and what was under way.
    const [firstProbe = 0] = down.filter((atMs) => atMs > (down[0] ?? 0) + 20_000);
    const probes = down.filter((atMs) => atMs >= firstProbe);
    const gaps = probes.slice(1).map((atMs, index) => atMs - (probes[index] ?? 0));
    expect(down.length - probes.length).toBeLessThanOrEqual(2 * replicas * PROVIDER_CAP);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(30_000);
    expect(probes.length).toBeGreaterThan(4);
    expect(probes.length).toBeLessThan(15);
  };
  afterEach(() => simulation.stop());

  it('at one replica the others go on as if nothing were the matter', async () => {
    await started();
    simulation.fault = (replica) => (replica === 0 ? NO_CONNECTION : null);

    // As long as it takes anyway, with a minute to spare.
    await simulation.run(HOUR_MS - 5 * MINUTE_MS + 1.02 * TICK_MS * (TOKENS / PROVIDER_CAP) + MINUTE_MS);

    expect(await generations()).toEqual(new Set([2]));
    const failed = simulation.sent.filter(({ replica }) => replica === 0).length;
    expect(failed).toBeGreaterThanOrEqual(5);
    // It comes back after 35, 100 and 225 seconds.
    expect(failed).toBeLessThanOrEqual(4 * PROVIDER_CAP);
    expect(alarms('does not answer')).toBe(1);
    expect(alarms('this replica reaches nothing')).toBeGreaterThanOrEqual(1);
  });

  it('at all of them, or a provider that takes no connections, it gets one probe an interval', async () => {
    await started();
    simulation.fault = () => NO_CONNECTION;
    const upMs = BEGIN_MS + HOUR_MS;

    await simulation.run(upMs);
    simulation.fault = () => null;
    await simulation.run(upMs + 12 * MINUTE_MS + 1.02 * TICK_MS * (TOKENS / PROVIDER_CAP));

    expectProbes(REPLICAS, upMs);
    expect(alarms('does not answer')).toBe(1);
    expect(alarms('this replica reaches nothing')).toBe(0);
    expect(await generations()).toEqual(new Set([2]));
  });

  it('a hub that is alone gives one alarm, one probe an interval, and recovers', async () => {
    await started(FEW, 1);
    simulation.fault = () => NO_CONNECTION;
    await run(HOUR_MS);
    expect(await simulation.paused()).toEqual(['provider']);
    const upMs = simulation.elapsedMs;

    simulation.fault = () => null;
    await run(12 * MINUTE_MS);

    expectProbes(1, upMs);
    expect(alarms('does not answer')).toBe(1);
    expect(await simulation.paused()).toEqual([]);
    expect(await generations()).toEqual(new Set([2]));
  });

  it('a replica that rests leaves a client that is refused to the others as well', async () => {
    await started(FEW);
    simulation.fault = (replica) => (replica === 0 ? NO_CONNECTION : CLIENT_REFUSED);
    await run(HOUR_MS);
    expect(await simulation.paused()).toEqual(['client']);
    expect(alarms('refuses a client')).toBe(1);
    expect(simulation.sent.length).toBeLessThanOrEqual(2 * REPLICAS * PROVIDER_CAP + 20);
    const mendedMs = simulation.elapsedMs;

    simulation.fault = (replica) => (replica === 0 ? NO_CONNECTION : null);
    await run(12 * MINUTE_MS);

    expect(sentSince(mendedMs)).toBeGreaterThanOrEqual(FEW);
    expect(await simulation.paused()).toEqual([]);
    expect(await generations()).toEqual(new Set([2]));
  });

  describe('that a System Manager mends by another endpoint', () => {
    /** The longest rest and the longest pause lie before them. */
    const restingFor = async (ms: number, replicas: number): Promise<number> => {
      await started(FEW, replicas);
      simulation.fault = () => NO_CONNECTION;
      await run(ms);
      expect(sentSince(simulation.elapsedMs - MINUTE_MS)).toBe(0);
      await simulation.changeProvider();
      return simulation.elapsedMs;
    };

    it.each([1, REPLICAS])('is tried at once; replicas: %d', async (replicas) => {
      await restingFor(25 * MINUTE_MS, replicas);
      simulation.fault = () => null;

      await run(MINUTE_MS);

      expect(await generations()).toEqual(new Set([2]));
      expect(await simulation.paused()).toEqual([]);
    });

    it.each([1, REPLICAS])('is paused with an alarm again when that was wrong; replicas: %d', async (replicas) => {
      const wrongMs = await restingFor(25 * MINUTE_MS, replicas);

      await run(2 * TICK_MS);
      expect(sentSince(wrongMs)).toBeGreaterThan(0);
      await run(25 * MINUTE_MS);
      expect(await simulation.paused()).toEqual(['provider']);
      expect(alarms('does not answer')).toBe(2);
      expect(sentSince(wrongMs)).toBeLessThanOrEqual(2 * replicas * PROVIDER_CAP);

      await simulation.changeProvider();
      simulation.fault = () => null;
      await run(MINUTE_MS);
      expect(await generations()).toEqual(new Set([2]));
    });
  });
});
