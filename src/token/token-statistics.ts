import { addDuration } from '../duration.js';
import type { UserErrorCode } from '../errors.js';
import { CONNECTION_STATES, type ConnectionState, TOKEN_STATUSES, type TokenStatus } from './token-enums.js';
import type { TokenFilter } from './token-filter.js';
import type { FactsCount, HistogramInstant, TokenStatisticsRepository } from './token-statistics.repository.js';

export interface TimeBucket {
  from: Date;
  to: Date;
  count: number;
}

/** Counts of the tokens of a filter at one moment; each is counted when it is asked for. */
export class TokenStatistics {
  private facts: Promise<FactsCount[]> | undefined;

  /** @param bucket length of the spans of time, ISO 8601 */
  constructor(
    private readonly counts: TokenStatisticsRepository,
    private readonly filter: TokenFilter,
    readonly asOf: Date,
    private readonly bucket: string,
  ) {}

  total(): Promise<number> {
    return this.sumOf(() => true);
  }

  needsReauthorization(): Promise<number> {
    return this.sumOf((facts) => facts.needsReauthorization);
  }

  disabled(): Promise<number> {
    return this.sumOf((facts) => !facts.enabled);
  }

  /** @returns every status, also those that no token has */
  byStatus(): Promise<{ status: TokenStatus; count: number }[]> {
    const count = (status: TokenStatus) => this.sumOf((facts) => facts.status === status);
    return Promise.all(TOKEN_STATUSES.map(async (status) => ({ status, count: await count(status) })));
  }

  /** @returns every connection state, also those that no token has */
  byConnectionState(): Promise<{ connectionState: ConnectionState; count: number }[]> {
    const count = (state: ConnectionState) => this.sumOf((facts) => facts.connectionState === state);
    return Promise.all(
      CONNECTION_STATES.map(async (connectionState) => ({ connectionState, count: await count(connectionState) })),
    );
  }

  byErrorCode(): Promise<{ code: UserErrorCode; count: number }[]> {
    return this.counts.countByErrorCode(this.filter, this.asOf);
  }

  byProvider(limit: number): Promise<{ providerId: string; count: number }[]> {
    return this.counts.countByProvider(this.filter, this.asOf, limit);
  }

  /** @returns so many spans of time from now on, also those without a token */
  async byInstant(instant: HistogramInstant, buckets: number): Promise<TimeBucket[]> {
    const spans: Omit<TimeBucket, 'count'>[] = [];
    for (let from = this.asOf; spans.length < buckets; from = addDuration(from, this.bucket))
      spans.push({ from, to: addDuration(from, this.bucket) });
    const [first, ...others] = spans;
    if (!first) return [];
    const edges = [first.from, first.to, ...others.map(({ to }) => to)] as const;
    const counts = await this.counts.countByInstant(this.filter, this.asOf, instant, [...edges]);
    return spans.map((span, index) => ({ ...span, count: counts[index] ?? 0 }));
  }

  private async sumOf(matches: (facts: FactsCount) => boolean): Promise<number> {
    this.facts ??= this.counts.countByFacts(this.filter, this.asOf);
    return (await this.facts).filter(matches).reduce((sum, { count }) => sum + count, 0);
  }
}
