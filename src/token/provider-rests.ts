const FIRST_REST_MS = 30_000;
const LONGEST_REST_MS = 10 * 60_000;
/** So much later than the others this replica comes back: they look each second. */
const HEAD_START_MS = 5_000;

interface Rest {
  /** On the monotonic clock. */
  until: number;
  lengthMs: number;
}

/**
 * Providers that this replica could send nothing to, which may be for its own network: it leaves them to the other
 * replicas for a while, longer each time in a row.
 */
export class ProviderRests {
  private readonly rests = new Map<string, Rest>();

  /** @param monotonicNow milliseconds */
  constructor(private readonly monotonicNow: () => number = () => performance.now()) {}

  /** Whether nothing has been sent to it since it was left alone. */
  has(id: string): boolean {
    return this.rests.has(id);
  }

  /** Those that are left alone now. */
  ids(): string[] {
    const now = this.monotonicNow();
    return [...this.rests].filter(([, { until }]) => until > now).map(([id]) => id);
  }

  /**
   * @param leastMs until another replica may try it
   * @returns false while it is left alone already: what was under way meanwhile tells nothing new
   */
  begin(id: string, leastMs: number): boolean {
    const now = this.monotonicNow();
    const before = this.rests.get(id);
    const isOn = before !== undefined && before.until > now;
    const lengthMs = isOn ? before.lengthMs : Math.min(LONGEST_REST_MS, (before?.lengthMs ?? FIRST_REST_MS / 2) * 2);
    const until = isOn ? before.until : now + lengthMs + HEAD_START_MS;
    this.rests.set(id, { lengthMs, until: Math.max(until, now + leastMs + HEAD_START_MS) });
    return !isOn;
  }

  /** It can be reached from here. */
  end(id: string): void {
    this.rests.delete(id);
  }
}
