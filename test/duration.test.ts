import { describe, expect, it } from '@jest/globals';
import { addDuration, durationMs } from '../src/duration.js';

describe('addDuration', () => {
  it.each([
    ['2026-01-31T10:00:00.000Z', 'P1M', '2026-02-28T10:00:00.000Z'],
    ['2028-01-31T10:00:00.000Z', 'P1M', '2028-02-29T10:00:00.000Z'],
    ['2026-08-31T10:00:00.000Z', 'P6M', '2027-02-28T10:00:00.000Z'],
    ['2027-08-31T10:00:00.000Z', 'P6M', '2028-02-29T10:00:00.000Z'],
    ['2026-08-28T10:00:00.000Z', 'P6M', '2027-02-28T10:00:00.000Z'],
    ['2028-02-29T00:00:00.000Z', 'P1Y', '2029-02-28T00:00:00.000Z'],
    ['2028-02-29T00:00:00.000Z', 'P4Y', '2032-02-29T00:00:00.000Z'],
    ['2099-02-28T00:00:00.000Z', 'P1Y', '2100-02-28T00:00:00.000Z'],
    ['2026-12-31T23:59:59.999Z', 'P2M', '2027-02-28T23:59:59.999Z'],
    ['2026-03-31T00:00:00.000Z', 'P1Y1M', '2027-04-30T00:00:00.000Z'],
    ['2026-11-30T00:00:00.000Z', 'P14M', '2028-01-30T00:00:00.000Z'],
    // Months first, then the exact rest.
    ['2026-01-31T00:00:00.000Z', 'P1M1D', '2026-03-01T00:00:00.000Z'],
    ['2026-03-28T12:00:00.000Z', 'P1D', '2026-03-29T12:00:00.000Z'],
    ['2026-02-22T00:00:00.000Z', 'P1W', '2026-03-01T00:00:00.000Z'],
    ['2026-01-01T00:00:00.000Z', 'PT5M', '2026-01-01T00:05:00.000Z'],
    ['2026-01-01T00:00:00.000Z', 'PT90S', '2026-01-01T00:01:30.000Z'],
    ['2026-01-01T00:00:00.000Z', 'PT0.5S', '2026-01-01T00:00:00.500Z'],
    ['2026-01-01T00:00:00.000Z', 'PT0,25S', '2026-01-01T00:00:00.250Z'],
    ['2026-01-01T00:00:00.000Z', 'P1Y2M3W4DT5H6M7S', '2027-03-26T05:06:07.000Z'],
    ['2026-01-01T00:00:00.000Z', 'PT0S', '2026-01-01T00:00:00.000Z'],
  ])('%s and %s make %s', (start, duration, end) => {
    expect(addDuration(new Date(start), duration).toISOString()).toBe(end);
  });

  it('leaves the instant it starts from as it is', () => {
    const start = new Date('2026-08-31T00:00:00.000Z');

    addDuration(start, 'P6M');

    expect(start.toISOString()).toBe('2026-08-31T00:00:00.000Z');
  });

  it.each(['', '5M', 'six months', '-P1M', 'p1m', 'P1M ', 'P1.5M', 'P1S'])('refuses %j', (duration) => {
    expect(() => addDuration(new Date(0), duration)).toThrow(TypeError);
  });
});

describe('durationMs', () => {
  it.each([
    ['2026-01-31T00:00:00.000Z', 'P1M', 28],
    ['2026-07-01T00:00:00.000Z', 'P1M', 31],
    ['2028-01-01T00:00:00.000Z', 'P1Y', 366],
  ])('from %s on, %s has %i days', (from, duration, days) => {
    expect(durationMs(duration, new Date(from))).toBe(days * 24 * 60 * 60_000);
  });
});
