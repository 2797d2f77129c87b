import { RateLimitedError } from '../errors.js';

/** A limit for each caller in one process, by fixed windows on the monotonic clock. */
export class RateLimit {
  private windows = new Map<string, number>();
  private windowEndsAt = 0;

  constructor(
    private readonly limit: number,
    private readonly windowMs: number,
    private readonly what: string,
  ) {}

  /** @throws RateLimitedError when `caller` has used up this window */
  count(caller: string): void {
    if (!this.isUsedUp(caller)) return this.add(caller);
    const waitMs = this.windowEndsAt - performance.now();
    throw new RateLimitedError(
      `${this.what}: at most ${this.limit} in ${this.windowMs / 1000} seconds. Try again in ${Math.ceil(waitMs / 1000)} seconds.`,
      new Date(Date.now() + waitMs),
    );
  }

  /**
   * @returns takes it back, as if `caller` had not come
   * @throws RateLimitedError when `caller` has used up this window
   */
  take(caller: string): () => void {
    this.count(caller);
    const { windows } = this;
    return () => void windows.set(caller, (windows.get(caller) ?? 1) - 1);
  }

  /** For what is counted once it has succeeded. */
  add(caller: string): void {
    this.windows.set(caller, (this.windows.get(caller) ?? 0) + 1);
  }

  isUsedUp(caller: string): boolean {
    const now = performance.now();
    if (now >= this.windowEndsAt) {
      this.windows = new Map();
      this.windowEndsAt = now + this.windowMs;
    }
    return (this.windows.get(caller) ?? 0) >= this.limit;
  }
}
