import { afterEach, describe, expect, it } from '@jest/globals';
import { Deadline } from '../src/deadline.js';

describe('what is left of a deadline', () => {
  const monotonic = performance.now.bind(performance);
  const wall = Date.now.bind(Date);

  afterEach(() => {
    performance.now = monotonic;
    Date.now = wall;
  });

  const passed = (monotonicMs: number, wallMs: number): number => {
    performance.now = () => 1_000;
    Date.now = () => 1_000_000;
    const deadline = new Deadline(20_000);
    performance.now = () => 1_000 + monotonicMs;
    Date.now = () => 1_000_000 + wallMs;
    return deadline.leftMs;
  };

  it.each([
    ['both clocks have run on', 5_000, 5_000, 15_000],
    ['the machine has slept', 1_000, 600_000, -580_000],
    ['the wall clock was set back', 5_000, -3_600_000, 15_000],
  ])('when %s', (_, monotonicMs, wallMs, leftMs) => {
    expect(passed(monotonicMs, wallMs)).toBe(leftMs);
  });
});
