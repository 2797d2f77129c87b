/** What a provider did with a request: it answered in whatever way, or it did not. */
export type PaceResult = 'ANSWERED' | 'OUTAGE';

interface Pace {
  inFlight: number;
  outagesInARow: number;
  /** No request before that instant of the monotonic clock; then one to try. */
  closedUntil: number;
  /** How long it was closed last. */
  closedMs: number;
}

/** Background requests to one provider at a time. */
const CAP = 8;
const OUTAGES_TO_CLOSE = 5;
const FIRST_CLOSED_MS = 30_000;
const LONGEST_CLOSED_MS = 10 * 60_000;
/** Until there is room again. */
const FULL_MS = 2_000;

/**
 * Holds the background back where a provider has enough to do or does not answer: so many requests at a time, and after
 * outages in a row one probe for each interval.
 */
export class ProviderPace {
  private readonly paces = new Map<string, Pace>();

  /** @param monotonicNow milliseconds */
  constructor(
    private readonly monotonicNow: () => number = () => performance.now(),
    private readonly random: () => number = Math.random,
  ) {}

  /** @returns 0 when a request may be sent, which `leave` must follow; else the milliseconds to wait before asking again */
  enter(providerId: string): number {
    const pace = this.of(providerId);
    const now = this.monotonicNow();
    const isClosed = pace.outagesInARow >= OUTAGES_TO_CLOSE;
    if (isClosed && now < pace.closedUntil) return this.spread(pace.closedUntil - now);
    if (pace.inFlight >= (isClosed ? 1 : CAP)) return this.spread(isClosed ? pace.closedMs : FULL_MS);
    pace.inFlight += 1;
    return 0;
  }

  leave(providerId: string, result: PaceResult): void {
    const pace = this.of(providerId);
    pace.inFlight -= 1;
    if (result === 'ANSWERED') {
      pace.outagesInARow = 0;
      pace.closedMs = 0;
      return;
    }
    pace.outagesInARow += 1;
    if (pace.outagesInARow < OUTAGES_TO_CLOSE) return;
    pace.closedMs = Math.min(LONGEST_CLOSED_MS, Math.max(FIRST_CLOSED_MS, pace.closedMs * 2));
    pace.closedUntil = this.monotonicNow() + pace.closedMs;
  }

  /** Providers that do not answer now. */
  closed(): string[] {
    return [...this.paces].filter(([, { outagesInARow }]) => outagesInARow >= OUTAGES_TO_CLOSE).map(([id]) => id);
  }

  /** So that those who wait do not come back together. */
  private spread(ms: number): number {
    return Math.ceil(ms * (1 + this.random()));
  }

  private of(providerId: string): Pace {
    const known = this.paces.get(providerId);
    if (known) return known;
    const pace = { inFlight: 0, outagesInARow: 0, closedUntil: 0, closedMs: 0 };
    this.paces.set(providerId, pace);
    return pace;
  }
}
