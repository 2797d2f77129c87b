import { expect, it } from '@jest/globals';
import { Lane } from '../../src/database/lane.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('runs so many at a time, in the order in which they came, whatever becomes of each', async () => {
  const lane = new Lane(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const runs = Array.from({ length: 5 }, (_, index) =>
    lane.run(async () => {
      begun.push(index);
      await new Promise<void>((resolve) => (ends[index] = resolve));
      if (index === 1) throw new Error('fails on purpose');
      return index;
    }),
  );
  const outcomes = Promise.allSettled(runs);

  expect(begun).toEqual([0, 1]);
  ends[1]?.();
  await turn();
  expect(begun).toEqual([0, 1, 2]);
  ends[0]?.();
  ends[2]?.();
  await turn();
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  ends[3]?.();
  ends[4]?.();

  expect((await outcomes).map(({ status }) => status === 'fulfilled')).toEqual([true, false, true, true, true]);
  await expect(lane.run(() => Promise.resolve('free again'))).resolves.toBe('free again');
});
