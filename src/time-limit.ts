import { setTimeout as sleep } from 'node:timers/promises';

/** Something took longer than it may. */
export class TimeLimitError extends Error {
  override name = 'TimeLimitError';
}

/**
 * The result of `work`, where it comes in time; what is late goes on and is not waited for.
 *
 * @throws TimeLimitError after `limitMs`
 */
export async function withinLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const done = new AbortController();
  const late = sleep(limitMs, undefined, { signal: done.signal }).then(() => {
    throw new TimeLimitError(`nothing came within ${limitMs} ms`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
    work.catch(() => undefined);
  }
}
