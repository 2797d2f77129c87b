import { ValidateNested } from 'class-validator';
import { ArgsType, Field, InputType, registerEnumType } from 'type-graphql';
import type { Sort } from '../database/page.js';
import { enumObject } from '../graphql/enum-object.js';
import { IsKey, IsText } from '../graphql/input-rules.js';
import { OrderDirectionEnum, type OrderDirection } from '../graphql/order-direction.type.js';
import { PageArgs } from '../graphql/page.args.js';
import { ProviderKindEnum } from './provider-enum.types.js';
import type { ProviderKind } from './provider-enums.js';
import type { ProviderEntity } from './provider.entity.js';

const ProviderOrderFieldEnum = enumObject(['NAME', 'CREATED_AT'] as const);
registerEnumType(ProviderOrderFieldEnum, {
  name: 'ProviderOrderField',
  description: 'What a list of providers is sorted by.',
  valuesConfig: { NAME: { description: 'By name.' }, CREATED_AT: { description: 'By time of creation.' } },
});

@InputType({ description: 'Order of a list of providers.' })
export class ProviderOrder {
  @Field(() => ProviderOrderFieldEnum, { description: 'What to sort by.' })
  field!: keyof typeof ProviderOrderFieldEnum;

  @Field(() => OrderDirectionEnum, { defaultValue: 'ASC', description: 'Which end comes first.' })
  direction!: OrderDirection;
}

@InputType('ProviderFilter', { description: 'Which providers; conditions are joined by and.' })
export class ProviderFilterInput {
  @IsText({ min: 0, max: 200 })
  @Field(() => String, { nullable: true, description: 'The name begins with this; case does not count.' })
  search?: string | null;

  @Field(() => [ProviderKindEnum], { nullable: true, description: 'One of these kinds.' })
  kinds?: ProviderKind[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Switched on, or off.' })
  enabled?: boolean | null;
}

@ArgsType()
export class ProvidersArgs extends PageArgs {
  @ValidateNested()
  @Field(() => ProviderFilterInput, { nullable: true, description: 'Which providers.' })
  filter?: ProviderFilterInput | null;

  @Field(() => ProviderOrder, { nullable: true, description: 'Order; default by name.' })
  orderBy?: ProviderOrder | null;
}

@ArgsType()
export class RedirectUriArgs {
  @IsKey()
  @Field(() => String, { nullable: true, description: 'Key of the provider, saved or not.' })
  providerKey?: string | null;
}

/** Creation is in the id already. */
export function providerSort(order: ProviderOrder | null | undefined): Sort<ProviderEntity> {
  return { column: order?.field === 'CREATED_AT' ? 'id' : 'nameKey', direction: order?.direction ?? 'ASC' };
}
