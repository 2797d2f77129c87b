import type { Clock } from '../database/clock.js';
import { durationMs, isCountable } from '../duration.js';
import { BadInputError } from '../errors.js';
import type { RequestContext } from '../request-context.js';
import type { TokenFilter } from './token-filter.js';
import { TokenStatistics } from './token-statistics.js';
import type { TokenStatisticsRepository } from './token-statistics.repository.js';
import { filterSeenBy } from './token-visibility.js';

const MINUTE_MS = 60_000;
const YEAR_MS = 366 * 24 * 60 * MINUTE_MS;

/** What a caller may know of how his tokens are. */
export class TokenStatisticsService {
  constructor(
    private readonly counts: TokenStatisticsRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws BadInputError for a bucket that is too short, too long, or no duration that can be counted by */
  of(ctx: RequestContext, filter: TokenFilter, bucket: string): TokenStatistics {
    const now = this.clock.now();
    const ms = isCountable(bucket) ? durationMs(bucket, now) : NaN;
    if (!(ms >= MINUTE_MS && ms <= YEAR_MS)) {
      const message = 'bucket must be between PT1M and P1Y: write it in whole units, such as PT1H, P1D or P1M.';
      throw new BadInputError(message, ['bucket']);
    }
    return new TokenStatistics(this.counts, filterSeenBy(ctx, filter), now, bucket);
  }
}
