import { afterEach, describe, expect, it } from '@jest/globals';
import { PROVIDER_CAP } from '../../src/token/refresh-claims.js';
import { HOUR_MS, MINUTE_MS } from '../token/stored-rows.js';
import { REPLICAS, Simulation, TICK_MS } from './refresh-simulation.js';

const TOKENS = 1_000;
/** The first is due two minutes later. */
const BEGIN_MS = 52 * MINUTE_MS;
const NO_CONNECTION = { error: 'connect', unsent: true } as const;

describe('promise 13: with a network that is broken', () => {
  let simulation: Simulation;

  const started = async (): Promise<Simulation> => {
    simulation = await Simulation.start(TOKENS);
    simulation.skipTo(BEGIN_MS);
    return simulation;
  };
  const alarms = (words: string) => simulation.alarms.filter((line) => line.includes(words)).length;
  afterEach(() => simulation.stop());

  it('at one replica the others go on as if nothing were the matter', async () => {
    await started();
    simulation.fault = (replica) => (replica === 0 ? NO_CONNECTION : null);

    // As long as it takes anyway, with a minute to spare.
    await simulation.run(HOUR_MS - 5 * MINUTE_MS + 1.02 * TICK_MS * (TOKENS / PROVIDER_CAP) + MINUTE_MS);

    const generations = (await simulation.tokens()).map(({ generation }) => generation);
    expect(new Set(generations)).toEqual(new Set([2]));
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

    const down = simulation.sent.map(({ atMs }) => atMs).filter((atMs) => atMs < upMs);
    // Until the outage is noticed: five in a row in one replica, and what was under way.
    const [firstProbe = 0] = down.filter((atMs) => atMs > (down[0] ?? 0) + 20_000);
    const probes = down.filter((atMs) => atMs >= firstProbe);
    const gaps = probes.slice(1).map((atMs, index) => atMs - (probes[index] ?? 0));
    expect(down.length - probes.length).toBeLessThanOrEqual(2 * REPLICAS * PROVIDER_CAP);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(30_000);
    expect(probes.length).toBeGreaterThan(4);
    expect(probes.length).toBeLessThan(15);
    expect(alarms('does not answer')).toBe(1);
    expect(alarms('this replica reaches nothing')).toBe(0);
    const generations = (await simulation.tokens()).map(({ generation }) => generation);
    expect(new Set(generations)).toEqual(new Set([2]));
  });
});
