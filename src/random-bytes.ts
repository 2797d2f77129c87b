import { randomBytes as systemBytes } from 'node:crypto';

const POOL_BYTES = 4096;

let pool = Buffer.alloc(0);

/**
 * Random bytes for what is made with every request: values, ids, seals. They are got in bulk, because asking the system for
 * few costs as much as for many. What has been given away is wiped from the pool.
 */
export function randomBytes(count: number): Buffer {
  if (count > POOL_BYTES) return systemBytes(count);
  if (pool.length < count) pool = systemBytes(POOL_BYTES);
  const bytes = Buffer.from(pool.subarray(0, count));
  pool.fill(0, 0, count);
  pool = pool.subarray(count);
  return bytes;
}
