/** What came of a request: an answer of whatever kind, or what all requests of the same key would meet with now. */
export type PaceResult = 'ANSWERED' | 'OUTAGE';

/** What a result has changed for the key, so that it is told once and not for each request. */
export type PaceChange = 'CLOSED' | 'OPENED' | null;

export interface PaceOptions {
  /** Requests of one key at a time. */
  cap: number;
  /** Outages in a row until it is closed. */
  outagesToClose: number;
}

interface KeyState {
  inFlight: number;
  outagesInARow: number;
  isClosed: boolean;
  /** No request before that instant of the monotonic clock; then one to try. */
  closedUntil: number;
  /** How long it was closed last. */
  closedMs: number;
}

const FIRST_CLOSED_MS = 30_000;
const LONGEST_CLOSED_MS = 10 * 60_000;
/** Until there is room again. */
const FULL_MS = 2_000;

/**
 * Holds background requests back where they would only do harm: so many of one key at a time, and after outages in a row
 * one probe for each interval.
 */
export class Pace {
  private readonly keys = new Map<string, KeyState>();

  /** @param monotonicNow milliseconds */
  constructor(
    private readonly options: PaceOptions,
    private readonly monotonicNow: () => number = () => performance.now(),
    private readonly random: () => number = Math.random,
  ) {}

  /** @returns 0 when a request may be sent, which `leave` must follow; else the milliseconds to wait before asking again */
  enter(key: string): number {
    const state = this.of(key);
    const now = this.monotonicNow();
    if (state.isClosed && now < state.closedUntil) return this.spread(state.closedUntil - now);
    if (state.inFlight >= (state.isClosed ? 1 : this.options.cap))
      return this.spread(state.isClosed ? state.closedMs : FULL_MS);
    state.inFlight += 1;
    return 0;
  }

  leave(key: string, result: PaceResult): PaceChange {
    const state = this.of(key);
    const wasClosed = state.isClosed;
    state.inFlight -= 1;
    if (result === 'ANSWERED') {
      Object.assign(state, { outagesInARow: 0, isClosed: false, closedMs: 0 });
      return wasClosed ? 'OPENED' : null;
    }
    state.outagesInARow += 1;
    if (state.outagesInARow < this.options.outagesToClose) return null;
    state.closedMs = Math.min(LONGEST_CLOSED_MS, Math.max(FIRST_CLOSED_MS, state.closedMs * 2));
    state.closedUntil = this.monotonicNow() + state.closedMs;
    state.isClosed = true;
    return wasClosed ? null : 'CLOSED';
  }

  /** Gives back what was entered and not used. */
  abandon(key: string): void {
    this.of(key).inFlight -= 1;
  }

  /** Those for which `enter` would say to wait. */
  unavailable(): string[] {
    const now = this.monotonicNow();
    return [...this.keys].filter(([, state]) => this.isUnavailable(state, now)).map(([key]) => key);
  }

  private isUnavailable({ closedUntil, inFlight, isClosed }: KeyState, now: number): boolean {
    return isClosed ? now < closedUntil || inFlight > 0 : inFlight >= this.options.cap;
  }

  /** So that those who wait do not come back together. */
  private spread(ms: number): number {
    return Math.ceil(ms * (1 + this.random()));
  }

  private of(key: string): KeyState {
    const known = this.keys.get(key);
    if (known) return known;
    const state = { inFlight: 0, outagesInARow: 0, isClosed: false, closedUntil: 0, closedMs: 0 };
    this.keys.set(key, state);
    return state;
  }
}
