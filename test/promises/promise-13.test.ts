import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PROVIDER_CAP } from '../../src/token/refresh-claims.js';
import { HOUR_MS, MINUTE_MS, NOW } from '../token/stored-rows.js';
import { REPLICAS, Simulation, TICK_MS } from './refresh-simulation.js';

const TOKENS = 10_000;

/** An hour of three engines takes a minute and a half of work. */
const SIMULATION_LIMIT_MS = 400_000;

describe('promise 13: 10,000 tokens with one expiry, on three replicas, and a provider that is down for an hour', () => {
  const downMs = 53 * MINUTE_MS;
  const upMs = downMs + HOUR_MS;
  let simulation: Simulation;
  let spreadMs: number;

  beforeAll(async () => {
    simulation = await Simulation.start(TOKENS);
    const dues = (await simulation.tokens()).map(({ nextRefreshAt: due }) => due.getTime());
    const firstDue = dues.reduce((a, b) => Math.min(a, b));
    spreadMs = dues.reduce((a, b) => Math.max(a, b)) - firstDue;
    simulation.skipTo(firstDue - NOW.getTime() - MINUTE_MS);
    simulation.fault = () => ({ error: 'http_503' });
    await simulation.run(upMs);
    simulation.fault = () => null;
    // The last probe was ten minutes ago at most, and the cap lets the others take as long.
    await simulation.run(upMs + 11 * MINUTE_MS + 1.02 * TICK_MS * (TOKENS / PROVIDER_CAP));
  }, SIMULATION_LIMIT_MS);
  afterAll(() => simulation.stop());

  it('they do not fall due together', () => {
    expect(spreadMs).toBeGreaterThan(MINUTE_MS);
  });

  it('never more than eight requests are under way, of all replicas together', () => {
    expect(Math.max(...simulation.sent.map(({ underWay }) => underWay))).toBe(PROVIDER_CAP);
  });

  it('while it is down it gets one probe an interval, from whichever replica, and there is one alarm', () => {
    const down = simulation.sent.map(({ atMs }) => atMs).filter((atMs) => atMs < upMs);
    // Until the outage is noticed: five in a row in one replica, and what was under way.
    const [firstProbe = 0] = down.filter((atMs) => atMs > (down[0] ?? 0) + 20_000);
    const probes = down.filter((atMs) => atMs >= firstProbe);
    const gaps = probes.slice(1).map((atMs, index) => atMs - (probes[index] ?? 0));
    expect(down.length - probes.length).toBeLessThanOrEqual(2 * REPLICAS * PROVIDER_CAP);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(30_000);
    expect(probes.length).toBeGreaterThan(4);
    expect(probes.length).toBeLessThan(15);
    expect(simulation.alarms.filter((line) => line.includes('does not answer'))).toHaveLength(1);
  });

  it('when it is back one request tells, then all are renewed, once', async () => {
    const back = simulation.sent.filter(({ atMs }) => atMs >= upMs);
    const [first, ...rest] = back;
    expect(first?.underWay).toBe(1);
    expect(rest[0]?.atMs).toBeGreaterThan(first?.atMs ?? NaN);
    const generations = (await simulation.tokens()).map(({ generation }) => generation);
    expect(new Set(generations)).toEqual(new Set([2]));
    expect(back).toHaveLength(TOKENS);
  });
});
