import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { UserErrorCode } from '../errors.js';
import { Access } from '../graphql/access.js';
import { UserErrorCodeEnum } from '../graphql/user-error-code.type.js';
import { ConnectionStateEnum, TokenStatusEnum } from './token-enum.types.js';
import type { ConnectionState, TokenStatus } from './token-enums.js';

const HOW_MANY = 'How many tokens.';

@ObjectType('TokenStatusCount', { description: 'How many tokens have a status.' })
export class TokenStatusCountType {
  @Access('RECORD')
  @Field(() => TokenStatusEnum, { description: 'The status.' })
  status!: TokenStatus;

  @Access('RECORD')
  @Field(() => Int, { description: HOW_MANY })
  count!: number;
}

@ObjectType('ConnectionStateCount', { description: 'How many tokens have a connection state.' })
export class ConnectionStateCountType {
  @Access('RECORD')
  @Field(() => ConnectionStateEnum, { description: 'The connection state.' })
  connectionState!: ConnectionState;

  @Access('RECORD')
  @Field(() => Int, { description: HOW_MANY })
  count!: number;
}

@ObjectType('TokenErrorCount', { description: 'How many tokens failed last with an error.' })
export class TokenErrorCountType {
  @Access('RECORD')
  @Field(() => UserErrorCodeEnum, { description: 'The `code` of their `lastError`.' })
  code!: UserErrorCode;

  @Access('RECORD')
  @Field(() => Int, { description: HOW_MANY })
  count!: number;
}

@ObjectType('ProviderTokenCount', { description: 'How many tokens are obtained at a provider.' })
export class ProviderTokenCountType {
  @Access('RECORD')
  @Field(() => ID, { description: 'Id of the provider.' })
  providerId!: string;

  @Access('RECORD')
  @Field(() => Int, { description: HOW_MANY })
  count!: number;
}

@ObjectType('TokenTimeBucket', { description: 'How many tokens have an instant within a span of time.' })
export class TokenTimeBucketType {
  @Access('RECORD')
  @Field({ description: 'Its first instant.' })
  from!: Date;

  @Access('RECORD')
  @Field({ description: 'Its end, where the next one begins; not within it.' })
  to!: Date;

  @Access('RECORD')
  @Field(() => Int, { description: HOW_MANY })
  count!: number;
}

@ObjectType('TokenStatistics', {
  description: 'What is connected, expiring or broken: counts of the tokens that the caller may see.',
})
export class TokenStatisticsType {
  @Access('RECORD')
  @Field({ description: 'The time by which statuses are told, and where the first span of time begins.' })
  asOf!: Date;
}
