import { Arg, Args, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { Access } from '../graphql/access.js';
import type { GraphQLContext } from '../graphql/context.js';
import { Weight } from '../graphql/weight.js';
import { TokenStatisticsArgs } from './token.args.js';
import type { TokenStatistics } from './token-statistics.js';
import type { TokenStatisticsService } from './token-statistics.service.js';
import {
  ConnectionStateCountType,
  ProviderTokenCountType,
  TokenErrorCountType,
  TokenStatisticsType,
  TokenStatusCountType,
  TokenTimeBucketType,
} from './token-statistics.type.js';

/** It looks at all tokens, where a list looks at a page. */
const WEIGHT = 10;
const BUCKETS = { defaultValue: 30, description: 'How many spans of time, at most 100.' };

@Resolver(() => TokenStatisticsType)
export class TokenStatisticsResolver {
  constructor(private readonly statistics: TokenStatisticsService) {}

  @Access('SIGNED_IN')
  @Weight(WEIGHT)
  @Query(() => TokenStatisticsType, {
    nullable: true,
    description: 'What is connected, expiring or broken, of the tokens that the caller may see.',
  })
  tokenStatistics(
    @Ctx() ctx: GraphQLContext,
    @Args(() => TokenStatisticsArgs) { bucket, filter }: TokenStatisticsArgs,
  ): TokenStatistics {
    return this.statistics.of(ctx, filter ?? {}, bucket ?? 'P1D');
  }

  @Access('RECORD')
  @FieldResolver(() => Int, { description: 'How many tokens there are.' })
  total(@Root() statistics: TokenStatistics): Promise<number> {
    return statistics.total();
  }

  @Access('RECORD')
  @FieldResolver(() => [TokenStatusCountType], { description: 'By status; each one is there, also with 0.' })
  byStatus(@Root() statistics: TokenStatistics): Promise<TokenStatusCountType[]> {
    return statistics.byStatus();
  }

  @Access('RECORD')
  @FieldResolver(() => [ConnectionStateCountType], {
    description: 'By outcome of the last exchange; each one is there, also with 0.',
  })
  byConnectionState(@Root() statistics: TokenStatistics): Promise<ConnectionStateCountType[]> {
    return statistics.byConnectionState();
  }

  @Access('RECORD')
  @FieldResolver(() => [TokenErrorCountType], {
    description: 'Those whose last exchange failed, by its error, the most frequent first. See TokenFilter.errorCodes.',
  })
  byErrorCode(@Root() statistics: TokenStatistics): Promise<TokenErrorCountType[]> {
    return statistics.byErrorCode();
  }

  @Access('RECORD')
  @FieldResolver(() => [ProviderTokenCountType], { description: 'By provider, those with the most tokens first.' })
  byProvider(
    @Root() statistics: TokenStatistics,
    @Arg('first', () => Int, { defaultValue: 50, description: 'How many providers, at most 100.' }) first: number,
  ): Promise<ProviderTokenCountType[]> {
    return statistics.byProvider(first);
  }

  @Access('RECORD')
  @FieldResolver(() => Int, {
    description:
      'Those that a person must connect again: what renews them has ended or was refused for good. See TokenFilter.needsReauthorization.',
  })
  needsReauthorization(@Root() statistics: TokenStatistics): Promise<number> {
    return statistics.needsReauthorization();
  }

  @Access('RECORD')
  @FieldResolver(() => Int, { description: 'Those that are switched off themselves. See TokenFilter.enabled.' })
  disabled(@Root() statistics: TokenStatistics): Promise<number> {
    return statistics.disabled();
  }

  @Access('RECORD')
  @FieldResolver(() => [TokenTimeBucketType], {
    description: 'Those obtained and not revoked whose access token expires, span by span from now on.',
  })
  byExpiresAt(
    @Root() statistics: TokenStatistics,
    @Arg('first', () => Int, BUCKETS) first: number,
  ): Promise<TokenTimeBucketType[]> {
    return statistics.byInstant('expiresAt', first);
  }

  @Access('RECORD')
  @FieldResolver(() => [TokenTimeBucketType], {
    description: 'Those obtained and not revoked that are renewed next by themselves, span by span from now on.',
  })
  byNextRefreshAt(
    @Root() statistics: TokenStatistics,
    @Arg('first', () => Int, BUCKETS) first: number,
  ): Promise<TokenTimeBucketType[]> {
    return statistics.byInstant('nextRefreshAt', first);
  }

  @Access('RECORD')
  @FieldResolver(() => [TokenTimeBucketType], {
    description:
      'Those obtained and not revoked that need a person, span by span from now on: the consent ends, or the access token where nothing renews it. See TokenFilter.endsBefore.',
  })
  byEnd(
    @Root() statistics: TokenStatistics,
    @Arg('first', () => Int, BUCKETS) first: number,
  ): Promise<TokenTimeBucketType[]> {
    return statistics.byInstant('end', first);
  }
}
