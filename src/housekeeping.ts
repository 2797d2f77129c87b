import type { Log } from './log.js';

const EVERY_MS = 10 * 60_000;

/** Removes what has expired, now and then. */
export class Housekeeping {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly purges: readonly { purge(): Promise<void> }[],
    private readonly log: Log,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.run(), EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async run(): Promise<void> {
    for (const each of this.purges) {
      try {
        await each.purge();
      } catch (error) {
        this.log.warn({ err: error }, 'expired records could not be removed; it is tried again in ten minutes');
      }
    }
  }
}
