import { ValidateNested } from 'class-validator';
import { ArgsType, Field, ID, InputType, registerEnumType } from 'type-graphql';
import type { Sort } from '../database/page.js';
import { enumObject } from '../graphql/enum-object.js';
import { IsShortList, IsText } from '../graphql/input-rules.js';
import { OrderDirectionEnum, type OrderDirection } from '../graphql/order-direction.type.js';
import { PageArgs } from '../graphql/page.args.js';
import type { ClientEntity } from './client.entity.js';

const ClientOrderFieldEnum = enumObject(['NAME', 'CREATED_AT'] as const);
registerEnumType(ClientOrderFieldEnum, {
  name: 'ClientOrderField',
  description: 'What a list of clients is sorted by.',
  valuesConfig: { NAME: { description: 'By name.' }, CREATED_AT: { description: 'By time of creation.' } },
});

@InputType({ description: 'Order of a list of clients.' })
export class ClientOrder {
  @Field(() => ClientOrderFieldEnum, { description: 'What to sort by.' })
  field!: keyof typeof ClientOrderFieldEnum;

  @Field(() => OrderDirectionEnum, { defaultValue: 'ASC', description: 'Which end comes first.' })
  direction!: OrderDirection;
}

@InputType('ClientFilter', { description: 'Which clients; conditions are joined by and.' })
export class ClientFilterInput {
  @IsText({ min: 0, max: 200 })
  @Field(() => String, {
    nullable: true,
    description: 'The name begins with this, where case does not count, or the client id, to the letter.',
  })
  search?: string | null;

  @IsShortList(100)
  @Field(() => [ID], { nullable: true, description: 'Registered at one of these providers.' })
  providerIds?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Switched on, or off.' })
  enabled?: boolean | null;
}

@ArgsType()
export class ClientsArgs extends PageArgs {
  @ValidateNested()
  @Field(() => ClientFilterInput, { nullable: true, description: 'Which clients.' })
  filter?: ClientFilterInput | null;

  @Field(() => ClientOrder, { nullable: true, description: 'Order; default by name.' })
  orderBy?: ClientOrder | null;
}

/** Creation is in the id already. */
export function clientSort(order: ClientOrder | null | undefined): Sort<ClientEntity> {
  return { column: order?.field === 'CREATED_AT' ? 'id' : 'nameKey', direction: order?.direction ?? 'ASC' };
}
