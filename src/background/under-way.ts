import { setTimeout as sleep } from 'node:timers/promises';

/** Work that was begun and has not ended. It deals with its own failures: none of it rejects. */
export class UnderWay {
  private readonly works = new Set<Promise<void>>();

  get size(): number {
    return this.works.size;
  }

  add(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => this.works.delete(tracked));
    this.works.add(tracked);
  }

  /** Resolves when nothing is left. */
  async landed(): Promise<void> {
    await Promise.all(this.works);
  }

  /** Resolves when no more than so many are left, or the time is over. */
  async atMost(count: number, limitMs?: number): Promise<void> {
    const over = new AbortController();
    const limit = limitMs === undefined ? [] : [passed(limitMs, over)];
    while (this.works.size > count && !over.signal.aborted) await Promise.race([...this.works, ...limit]);
    over.abort();
  }
}

/** Ends the signal when the time has passed, and ends with it. */
async function passed(ms: number, over: AbortController): Promise<void> {
  await sleep(ms, undefined, { signal: over.signal }).then(
    () => over.abort(),
    () => undefined,
  );
}
