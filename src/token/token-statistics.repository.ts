import type { SelectQueryBuilder } from 'typeorm';
import type { Database } from '../database/database.js';
import type { UserErrorCode } from '../errors.js';
import type { ConnectionState, TokenStatus } from './token-enums.js';
import {
  END_SQL,
  ERROR_CODE_SQL,
  filterTokens,
  ISSUED_SQL,
  NEEDS_REAUTHORIZATION_SQL,
  STATUS_SQL,
} from './token-filter.js';
import type { TokenFilter } from './token-filter.js';
import { TokenEntity } from './token.entity.js';

/** How many tokens have these in common. */
export interface FactsCount {
  status: TokenStatus;
  connectionState: ConnectionState;
  enabled: boolean;
  needsReauthorization: boolean;
  count: number;
}

/** What a histogram is of, each as SQL that is null or the end of time where there is no such instant. */
const INSTANTS = {
  expiresAt: 'token.sortExpiresAt',
  nextRefreshAt: 'token.nextRefreshAt',
  end: END_SQL,
} as const;
export type HistogramInstant = keyof typeof INSTANTS;

const STATUS_CASE = `CASE ${Object.entries(STATUS_SQL)
  .map(([status, sql]) => `WHEN ${sql} THEN '${status}'`)
  .join(' ')} END`;

/** Counts tokens without reading them: one statement each. */
export class TokenStatisticsRepository {
  constructor(private readonly database: Database) {}

  /** Everything that has few values, in one pass. */
  async countByFacts(filter: TokenFilter, now: Date): Promise<FactsCount[]> {
    const rows = await this.counting(filter, now)
      .addSelect(STATUS_CASE, 'tokenStatus')
      .addSelect('token.connectionState', 'connectionState')
      .addSelect('token.enabled', 'isEnabled')
      .addSelect(NEEDS_REAUTHORIZATION_SQL, 'mustReconnect')
      .groupBy('tokenStatus')
      .addGroupBy('token.connectionState')
      .addGroupBy('token.enabled')
      .addGroupBy('mustReconnect')
      .getRawMany<Record<'tokenStatus' | 'connectionState' | 'isEnabled' | 'mustReconnect' | 'count', string>>();
    return rows.map((row) => ({
      status: row.tokenStatus as TokenStatus,
      connectionState: row.connectionState as ConnectionState,
      enabled: Boolean(Number(row.isEnabled)),
      needsReauthorization: Boolean(Number(row.mustReconnect)),
      count: Number(row.count),
    }));
  }

  /** Of those whose last exchange failed; the most frequent first. */
  async countByErrorCode(filter: TokenFilter, now: Date): Promise<{ code: UserErrorCode; count: number }[]> {
    const rows = await this.counting(filter, now)
      .addSelect(ERROR_CODE_SQL, 'errorCode')
      .andWhere("token.connectionState = 'ERROR' AND token.lastError IS NOT NULL")
      .groupBy('errorCode')
      .orderBy('count', 'DESC')
      .addOrderBy('errorCode')
      .getRawMany<Record<'errorCode' | 'count', string>>();
    // MySQL hands out JSON, SQLite the text in it.
    return rows.map((row) => ({ code: row.errorCode.replaceAll('"', '') as UserErrorCode, count: Number(row.count) }));
  }

  /** The most frequent first. */
  async countByProvider(
    filter: TokenFilter,
    now: Date,
    limit: number,
  ): Promise<{ providerId: string; count: number }[]> {
    const rows = await this.counting(filter, now)
      .addSelect('token.providerId', 'providerId')
      .groupBy('token.providerId')
      .orderBy('count', 'DESC')
      .addOrderBy('token.providerId')
      .limit(limit)
      .getRawMany<Record<'providerId' | 'count', string>>();
    return rows.map((row) => ({ providerId: row.providerId, count: Number(row.count) }));
  }

  /**
   * Of tokens that were obtained and not revoked.
   *
   * @param edges where each span begins, and where the last one ends
   * @returns a count for each span
   */
  async countByInstant(
    filter: TokenFilter,
    now: Date,
    instant: HistogramInstant,
    edges: readonly [Date, Date, ...Date[]],
  ): Promise<number[]> {
    const sql = INSTANTS[instant];
    const [first, ...ends] = edges;
    const last = ends.length - 1;
    const cases = ends.map((_, index) => `WHEN ${sql} < :end${index} THEN ${index}`);
    const rows = await this.counting(filter, now)
      .addSelect(`CASE ${cases.join(' ')} END`, 'bucket')
      .andWhere(`${ISSUED_SQL} AND ${sql} >= :first AND ${sql} < :end${last}`)
      .setParameters({ first, ...Object.fromEntries(ends.map((end, index) => [`end${index}`, end])) })
      .groupBy('bucket')
      .getRawMany<Record<'bucket' | 'count', string>>();
    const counts = new Map(rows.map((row) => [Number(row.bucket), Number(row.count)]));
    return ends.map((_, index) => counts.get(index) ?? 0);
  }

  private counting(filter: TokenFilter, now: Date): SelectQueryBuilder<TokenEntity> {
    const query = this.database.manager.createQueryBuilder(TokenEntity, 'token').select('COUNT(*)', 'count');
    filterTokens(query, filter, now);
    return query;
  }
}
