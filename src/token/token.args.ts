import { ValidateNested } from 'class-validator';
import { ArgsType, Field, ID, InputType, registerEnumType } from 'type-graphql';
import type { Sort } from '../database/page.js';
import type { UserErrorCode } from '../errors.js';
import { enumObject } from '../graphql/enum-object.js';
import { IsShortList, IsText } from '../graphql/input-rules.js';
import { type OrderDirection, OrderDirectionEnum } from '../graphql/order-direction.type.js';
import { PageArgs } from '../graphql/page.args.js';
import { DurationScalar } from '../graphql/scalars.js';
import { UserErrorCodeEnum } from '../graphql/user-error-code.type.js';
import { GrantTypeEnum } from '../provider/provider-enum.types.js';
import type { GrantType } from '../provider/provider-enums.js';
import { ConnectionStateEnum, TokenStatusEnum } from './token-enum.types.js';
import type { ConnectionState, TokenStatus } from './token-enums.js';
import type { TokenEntity } from './token.entity.js';
import { LabelInput } from './token.input.js';

const TokenOrderFieldEnum = enumObject(['NAME', 'CREATED_AT', 'EXPIRES_AT', 'LAST_USED_AT'] as const);
registerEnumType(TokenOrderFieldEnum, {
  name: 'TokenOrderField',
  description: 'What a list of tokens is sorted by.',
  valuesConfig: {
    NAME: { description: 'By name.' },
    CREATED_AT: { description: 'By time of creation.' },
    EXPIRES_AT: { description: 'By expiry of the access token; those that do not say come last.' },
    LAST_USED_AT: { description: 'By last use; those never used come first.' },
  },
});

@InputType({ description: 'Order of a list of tokens.' })
export class TokenOrder {
  @Field(() => TokenOrderFieldEnum, { description: 'What to sort by.' })
  field!: keyof typeof TokenOrderFieldEnum;

  @Field(() => OrderDirectionEnum, { defaultValue: 'ASC', description: 'Which end comes first.' })
  direction!: OrderDirection;
}

@InputType('TokenFilter', { description: 'Which tokens; conditions are joined by and.' })
export class TokenFilterInput {
  @IsText({ min: 0, max: 200 })
  @Field(() => String, { nullable: true, description: 'The name begins with this; case does not count.' })
  search?: string | null;

  @IsShortList(10)
  @Field(() => [TokenStatusEnum], { nullable: true, description: 'In one of these.' })
  statuses?: TokenStatus[] | null;

  @IsShortList(10)
  @Field(() => [ConnectionStateEnum], { nullable: true, description: 'In one of these.' })
  connectionStates?: ConnectionState[] | null;

  @IsShortList(100)
  @Field(() => [ID], { nullable: true, description: 'At one of these providers.' })
  providerIds?: string[] | null;

  @IsShortList(100)
  @Field(() => [ID], { nullable: true, description: 'Of one of these clients.' })
  clientIds?: string[] | null;

  @IsShortList(100)
  @Field(() => [ID], { nullable: true, description: 'Of one of these users.' })
  userIds?: string[] | null;

  @IsShortList(10)
  @Field(() => [GrantTypeEnum], { nullable: true, description: 'Obtained in one of these ways.' })
  grantTypes?: GrantType[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Usable right now, or not; see `active` of Token.' })
  active?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "By the administrator's switch." })
  enabled?: boolean | null;

  @IsShortList(50)
  @Field(() => [UserErrorCodeEnum], { nullable: true, description: 'The last exchange failed with one of these.' })
  errorCodes?: UserErrorCode[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'A person must connect it again, or need not: what renews it has ended or was refused for good.',
  })
  needsReauthorization?: boolean | null;

  @Field(() => Date, { nullable: true, description: 'The access token expires after this.' })
  expiresAfter?: Date | null;

  @Field(() => Date, { nullable: true, description: 'The access token expires, or has expired, before this.' })
  expiresBefore?: Date | null;

  @Field(() => Date, {
    nullable: true,
    description:
      'A person is needed before this: the consent ends, or the access token where nothing renews it. See expiryLabel.',
  })
  endsBefore?: Date | null;

  @IsShortList(10)
  @ValidateNested()
  @Field(() => [LabelInput], { nullable: true, description: 'Carries all of these labels.' })
  labels?: LabelInput[] | null;

  @IsText({ max: 200 })
  @Field(() => String, { nullable: true, description: 'Carries this id of another system.' })
  externalId?: string | null;
}

@ArgsType()
export class TokensArgs extends PageArgs {
  @ValidateNested()
  @Field(() => TokenFilterInput, { nullable: true, description: 'Which tokens.' })
  filter?: TokenFilterInput | null;

  @Field(() => TokenOrder, { nullable: true, description: 'Order; default by name.' })
  orderBy?: TokenOrder | null;
}

@ArgsType()
export class TokenStatisticsArgs {
  @ValidateNested()
  @Field(() => TokenFilterInput, { nullable: true, description: 'Which tokens.' })
  filter?: TokenFilterInput | null;

  @Field(() => DurationScalar, {
    nullable: true,
    description: 'Length of the spans of time, from PT1M to P1Y; default P1D.',
  })
  bucket?: string | null;
}

const COLUMNS = {
  NAME: 'nameKey',
  CREATED_AT: 'id',
  EXPIRES_AT: 'sortExpiresAt',
  LAST_USED_AT: 'sortLastUsedAt',
} as const satisfies Record<keyof typeof TokenOrderFieldEnum, keyof TokenEntity>;

export function tokenSort(order: TokenOrder | null | undefined): Sort<TokenEntity> {
  return { column: COLUMNS[order?.field ?? 'NAME'], direction: order?.direction ?? 'ASC' };
}
