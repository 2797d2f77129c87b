import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { UnderWay } from '../../src/background/under-way.js';

/** Pieces of work that the test ends. */
function given(count: number) {
  const underWay = new UnderWay();
  const ends = Array.from({ length: count }, () => {
    let end = (): void => undefined;
    underWay.add(new Promise<void>((resolve) => (end = resolve)));
    return () => end();
  });
  return { underWay, ends };
}

describe('UnderWay', () => {
  it('has landed when nothing is left', async () => {
    const { ends, underWay } = given(2);
    let hasLanded = false;
    const landed = underWay.landed().then(() => (hasLanded = true));

    ends[0]?.();
    await nextTurn();
    expect([underWay.size, hasLanded]).toEqual([1, false]);
    ends[1]?.();
    await landed;
    expect(underWay.size).toBe(0);
  });

  it('waits until so many are left', async () => {
    const { ends, underWay } = given(4);
    const half = underWay.atMost(2);

    for (const end of ends.slice(0, 2)) end();
    await half;

    expect(underWay.size).toBe(2);
    await underWay.atMost(2);
  });

  it('waits no longer than it is told to', async () => {
    const { underWay } = given(2);

    await underWay.atMost(1, 20);

    expect(underWay.size).toBe(2);
  });
});
