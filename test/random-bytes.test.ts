import { expect, it } from '@jest/globals';
import { randomBytes } from '../src/random-bytes.js';

it('random bytes are as many as asked for, and never the same again', () => {
  const counts = Array.from({ length: 3000 }, (_, index) => [16, 28, 32, 4096, 5000][index % 5] ?? 0);

  const all = counts.map((count) => randomBytes(count));

  expect(all.map(({ length }) => length)).toEqual(counts);
  expect(new Set(all.map((bytes) => bytes.subarray(0, 16).toString('hex'))).size).toBe(all.length);
  expect(all.filter((bytes) => bytes.subarray(-16).equals(Buffer.alloc(16)))).toEqual([]);
});

it('bytes that were given away stay as they are', () => {
  const drawn = Array.from({ length: 500 }, () => {
    const bytes = randomBytes(32);
    return { bytes, text: bytes.toString('hex') };
  });

  expect(drawn.map(({ bytes }) => bytes.toString('hex'))).toEqual(drawn.map(({ text }) => text));
});
