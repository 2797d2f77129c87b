import type { ProviderRepository } from '../provider/provider.repository.js';

const FIRST_REST_MS = 30_000;
const LONGEST_REST_MS = 10 * 60_000;
/** So much later than the others this replica comes back: they look each second. */
const HEAD_START_MS = 5_000;

interface Rest {
  /** On the monotonic clock. */
  until: number;
  lengthMs: number;
  /** Of the provider as it was when it was left alone. */
  version: number;
}

/**
 * Providers that this replica could send nothing to, which may be for its own network: it leaves them to the other
 * replicas for a while, longer each time in a row, or until somebody changes the provider: it may be mended.
 */
export class ProviderRests {
  private readonly rests = new Map<string, Rest>();

  /** @param monotonicNow milliseconds */
  constructor(
    private readonly providers: Pick<ProviderRepository, 'versionsOf'>,
    private readonly monotonicNow: () => number = () => performance.now(),
  ) {}

  /** Whether nothing has been sent to it since it was left alone. */
  has(id: string): boolean {
    return this.rests.has(id);
  }

  /** Those that are left alone now; those that have been changed meanwhile are not any more. */
  async look(): Promise<string[]> {
    const now = this.monotonicNow();
    const on = [...this.rests].filter(([, { until }]) => until > now);
    if (on.length === 0) return [];
    const versions = await this.providers.versionsOf(on.map(([id]) => id));
    for (const [id, { version }] of on) if (version !== versions.get(id)) this.rests.delete(id);
    return on.map(([id]) => id).filter((id) => this.rests.has(id));
  }

  /**
   * @param leastMs until another replica may try it
   * @returns false while it is left alone already: what was under way meanwhile tells nothing new
   */
  async begin(id: string, leastMs: number): Promise<boolean> {
    const version = (await this.providers.versionsOf([id])).get(id);
    const before = this.rests.get(id);
    // What was sent before the change tells nothing of it.
    const isChanged = before !== undefined && before.version !== version;
    if (version === undefined || isChanged) this.rests.delete(id);
    return version !== undefined && !isChanged && this.rest(id, leastMs, version);
  }

  /** It can be reached from here. */
  end(id: string): void {
    this.rests.delete(id);
  }

  private rest(id: string, leastMs: number, version: number): boolean {
    const now = this.monotonicNow();
    const before = this.rests.get(id);
    const isOn = before !== undefined && before.until > now;
    const lengthMs = isOn ? before.lengthMs : Math.min(LONGEST_REST_MS, (before?.lengthMs ?? FIRST_REST_MS / 2) * 2);
    const until = isOn ? before.until : now + lengthMs + HEAD_START_MS;
    this.rests.set(id, { lengthMs, until: Math.max(until, now + leastMs + HEAD_START_MS), version });
    return !isOn;
  }
}
