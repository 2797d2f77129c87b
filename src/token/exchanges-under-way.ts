import type { Clock } from '../database/clock.js';

/** The exchanges of this process that have not ended, whoever still waits for them. */
export class ExchangesUnderWay {
  private readonly running = new Map<Promise<unknown>, Date>();

  constructor(private readonly clock: Clock) {}

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const startedAt = this.clock.now();
    const running: Promise<Result> = work().finally(() => this.running.delete(running));
    this.running.set(running, startedAt);
    return running;
  }

  /** When the first of them began: all that began before has ended. */
  get since(): Date | null {
    // In the order in which they were begun.
    const [first] = this.running.values();
    return first ?? null;
  }

  /** For a stop of the process: resolves when nothing is under way. */
  async landed(): Promise<void> {
    await Promise.allSettled(this.running.keys());
  }
}
