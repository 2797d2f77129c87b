import { ValidateNested } from 'class-validator';
import { ArgsType, Field, InputType, registerEnumType } from 'type-graphql';
import type { Sort } from '../database/page.js';
import { enumObject } from '../graphql/enum-object.js';
import { IsText } from '../graphql/input-rules.js';
import { type OrderDirection, OrderDirectionEnum } from '../graphql/order-direction.type.js';
import { PageArgs } from '../graphql/page.args.js';
import type { Role, UserKind } from './role.js';
import { RoleEnum, UserKindEnum } from './user-enum.types.js';

const UserOrderFieldEnum = enumObject(['NAME', 'CREATED_AT'] as const);
registerEnumType(UserOrderFieldEnum, {
  name: 'UserOrderField',
  description: 'What a list of users is sorted by.',
  valuesConfig: { NAME: { description: 'By name.' }, CREATED_AT: { description: 'By time of creation.' } },
});

@InputType({ description: 'Order of a list of users.' })
export class UserOrder {
  @Field(() => UserOrderFieldEnum, { description: 'What to sort by.' })
  field!: keyof typeof UserOrderFieldEnum;

  @Field(() => OrderDirectionEnum, { defaultValue: 'ASC', description: 'Which end comes first.' })
  direction!: OrderDirection;
}

@InputType('UserFilter', { description: 'Which users; conditions are joined by and.' })
export class UserFilterInput {
  @IsText({ min: 0, max: 200 })
  @Field(() => String, { nullable: true, description: 'The name begins with this; case does not count.' })
  search?: string | null;

  @Field(() => [RoleEnum], { nullable: true, description: 'At least one of these roles.' })
  roles?: Role[] | null;

  @Field(() => [UserKindEnum], { nullable: true, description: 'One of these kinds.' })
  kinds?: UserKind[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Switched on, or off.' })
  enabled?: boolean | null;
}

@ArgsType()
export class UsersArgs extends PageArgs {
  @ValidateNested()
  @Field(() => UserFilterInput, { nullable: true, description: 'Which users.' })
  filter?: UserFilterInput | null;

  @Field(() => UserOrder, { nullable: true, description: 'Order; default by name.' })
  orderBy?: UserOrder | null;
}

/** Creation is in the id already. */
export function userSort(order: UserOrder | null | undefined): Sort<{ id: string; nameKey: string }> {
  return { column: order?.field === 'CREATED_AT' ? 'id' : 'nameKey', direction: order?.direction ?? 'ASC' };
}
