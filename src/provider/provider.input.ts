import { ValidateNested } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
import { CatalogueVariableInput } from '../catalogue/catalogue-variable.input.js';
import { DefaultClientInput } from '../client/client.input.js';
import { IsKey, IsName, IsShortList, IsText } from '../graphql/input-rules.js';
import { UrlScalar } from '../graphql/scalars.js';
import { ProviderSettingsInput } from './provider-settings.input.js';

const KEY = 'Short unique name for URLs; default made from the name. Never changes.';
const CLIENT = "The hub's registration there, saved with the provider as its default client.";
const IDEMPOTENCY_KEY = 'Repeating the mutation with the same key within 24 hours has one effect only.';

@InputType()
abstract class NewProviderInput extends ProviderSettingsInput {
  @IsKey()
  @Field(() => String, { nullable: true, description: KEY })
  key?: string | null;

  @ValidateNested()
  @Field(() => DefaultClientInput, { nullable: true, description: CLIENT })
  client?: DefaultClientInput | null;

  @IsText({ max: 200 })
  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null;
}

@InputType({ description: 'A provider by its settings, or copied from another.' })
export class CreateProviderInput extends NewProviderInput {
  @IsName()
  @Field({ description: 'Name for people.' })
  name!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'Copy the settings of this provider; clients, secret parameters and default scopes are not copied.',
  })
  baseId?: string | null;
}

@InputType({ description: 'A provider from the catalogue; settings given here win over the preset.' })
export class CreateProviderFromCatalogueInput extends NewProviderInput {
  @IsText({ max: 64 })
  @Field({ description: 'Key of the catalogue entry, such as google.' })
  catalogueKey!: string;

  @IsName()
  @Field(() => String, { nullable: true, description: 'Name for people; default as in the catalogue.' })
  name?: string | null;

  @IsShortList(20)
  @ValidateNested()
  @Field(() => [CatalogueVariableInput], {
    nullable: true,
    description: 'Values for the variables of the entry, such as the tenant.',
  })
  variables?: CatalogueVariableInput[] | null;
}

@InputType({ description: 'A provider from the metadata its issuer publishes; settings given here win.' })
export class DiscoverProviderInput extends NewProviderInput {
  @Field(() => UrlScalar, { description: 'Issuer URL, such as https://id.example.com.' })
  override issuer!: string;

  @IsName()
  @Field(() => String, { nullable: true, description: 'Name for people; default the host of the issuer.' })
  name?: string | null;

  @Field({ defaultValue: false, description: 'Only show what would be saved.' })
  dryRun!: boolean;
}

@InputType({ description: 'Changes to a provider; what is left out stays.' })
export class UpdateProviderInput extends ProviderSettingsInput {
  @Field(() => ID, { description: 'The provider.' })
  id!: string;

  @IsName()
  @Field(() => String, { nullable: true, description: 'Name for people.' })
  name?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'One of its clients, which tokens use unless they name another. Null: none.',
  })
  defaultClientId?: string | null;
}

@InputType({ description: 'The provider to delete.' })
export class DeleteProviderInput {
  @Field(() => ID, { description: 'The provider.' })
  id!: string;

  @Field({
    defaultValue: false,
    description: 'Also delete its clients and their tokens, which revokes nothing at the provider.',
  })
  cascade!: boolean;
}
