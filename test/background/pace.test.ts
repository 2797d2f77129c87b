import { describe, expect, it } from '@jest/globals';
import { Pace } from '../../src/background/pace.js';

const MINUTE_MS = 60_000;

/** A pace on a clock that the test sets. */
function given() {
  const time = { now: 0 };
  return {
    time,
    pace: new Pace(
      { cap: 8, outagesToClose: 5 },
      () => time.now,
      () => 0.5,
    ),
  };
}

describe('Pace', () => {
  it('lets eight requests to a provider run at a time, whatever others do', () => {
    const { pace } = given();

    const waits = Array.from({ length: 10 }, () => pace.enter('a'));

    expect(waits).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 3000, 3000]);
    expect(pace.enter('b')).toBe(0);
    pace.leave('a', 'ANSWERED');
    expect(pace.enter('a')).toBe(0);
  });

  it('closes after five outages in a row, and then tries one request an interval', () => {
    const { pace, time } = given();
    for (let i = 0; i < 5; i += 1) {
      expect(pace.enter('a')).toBe(0);
      expect(pace.leave('a', 'OUTAGE')).toBe(i === 4 ? 'CLOSED' : null);
    }

    expect(pace.unavailable()).toEqual(['a']);
    expect(pace.enter('a')).toBe(45_000);
    time.now = 30_000;
    expect([pace.enter('a'), pace.enter('a') > 0]).toEqual([0, true]);
    pace.leave('a', 'OUTAGE');
    expect(pace.enter('a')).toBe(90_000);
    time.now += 60_000;
    expect(pace.enter('a')).toBe(0);
    expect(pace.leave('a', 'ANSWERED')).toBe('OPENED');
    expect(pace.unavailable()).toEqual([]);
    expect([pace.enter('a'), pace.enter('a')]).toEqual([0, 0]);
  });

  it('promise 13: through an outage of an hour sends at most one probe an interval, for 10,000 tokens', () => {
    const { pace, time } = given();
    const dueAt = Array.from({ length: 10_000 }, (_each, index) => index * 7.5);
    const probes: number[] = [];
    for (time.now = 0; time.now < 60 * MINUTE_MS; time.now += 1000) {
      for (const [index, due] of dueAt.entries()) {
        if (due > time.now) continue;
        const wait = pace.enter('a');
        if (wait === 0) {
          probes.push(time.now);
          pace.leave('a', 'OUTAGE');
          dueAt[index] = time.now + 30_000;
        } else dueAt[index] = time.now + wait;
      }
    }

    const closed = probes.slice(5);
    const gaps = closed.slice(1).map((at, index) => at - (closed[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(30_000);
    expect(closed.length).toBeLessThan(15);
  });
});
