import { Field, ID, ObjectType } from 'type-graphql';
import { Access } from '../graphql/access.js';
import { Payload } from '../graphql/payload.type.js';
import { WarningEnum } from '../graphql/warning.type.js';
import type { Warning } from '../warning.js';
import { ProviderType } from './provider.type.js';

@ObjectType()
abstract class ProviderPayload extends Payload {
  @Access('RECORD')
  @Field(() => ProviderType, { nullable: true, description: 'The provider as it stands now.' })
  provider?: ProviderType;

  @Access('RECORD')
  @Field(() => [WarningEnum], { description: 'What works today and should be mended.' })
  warnings!: Warning[];
}

@ObjectType({ description: 'Answer of createProvider.' })
export class CreateProviderPayload extends ProviderPayload {}

@ObjectType({ description: 'Answer of createProviderFromCatalogue.' })
export class CreateProviderFromCataloguePayload extends ProviderPayload {}

@ObjectType({ description: 'Answer of discoverProvider.' })
export class DiscoverProviderPayload extends ProviderPayload {}

@ObjectType({ description: 'Answer of updateProvider.' })
export class UpdateProviderPayload extends ProviderPayload {}

@ObjectType({ description: 'Answer of deleteProvider.' })
export class DeleteProviderPayload extends Payload {
  @Access('RECORD')
  @Field(() => ID, { nullable: true, description: 'Id of the provider that is gone.' })
  deletedId?: string;
}
