import { expect, it } from '@jest/globals';
import { withRetries } from '../../src/database/retry.js';

/** As mysql2 tells of a lock. */
const locked = (): Error => Object.assign(new Error('Lock wait timeout exceeded'), { errno: 1205, sqlState: 'HY000' });
const fileLocked = (): Error => Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });

/** Fails so many times at once, then succeeds. */
class Work {
  tries = 0;

  constructor(
    private readonly failures: number,
    private readonly failure: () => Error,
  ) {}

  readonly attempt = async (): Promise<string> => {
    this.tries += 1;
    if (this.tries <= this.failures) throw this.failure();
    return 'done';
  };
}

it('takes a lock that nobody waited for as a conflict, which passes', async () => {
  const work = new Work(5, locked);

  await expect(withRetries(work.attempt, { lockedMs: 0 })).resolves.toBe('done');
  expect(work.tries).toBe(6);
});

it('gives such a conflict up after eight tries', async () => {
  const work = new Work(Infinity, locked);

  await expect(withRetries(work.attempt)).rejects.toMatchObject({ errno: 1205 });
  expect(work.tries).toBe(8);
});

it('tells at once of a file that is locked, where that is asked for', async () => {
  const work = new Work(1, fileLocked);

  await expect(withRetries(work.attempt, { lockedMs: 0 })).rejects.toMatchObject({ code: 'SQLITE_BUSY' });
  expect(work.tries).toBe(1);
});
