import { Field, ObjectType } from 'type-graphql';
import { Access } from '../graphql/access.js';
import { UrlScalar } from '../graphql/scalars.js';
import { GrantTypeEnum } from '../provider/provider-enum.types.js';
import type { GrantType } from '../provider/provider-enums.js';

@ObjectType('CatalogueVariable', { description: 'What a catalogue entry must be told before it can be used.' })
export class CatalogueVariableType {
  @Access('RECORD')
  @Field({ description: 'Its name.' })
  name!: string;

  @Access('RECORD')
  @Field({ description: 'What it means and what may stand there.' })
  description!: string;

  @Access('RECORD')
  @Field(() => String, {
    nullable: true,
    description: 'What is used when no value is given; null: a value is required.',
  })
  default?: string;

  @Access('RECORD')
  @Field(() => [String], { nullable: true, description: 'The only values allowed, if they are known.' })
  choices?: string[];
}

@ObjectType('CatalogueEntry', {
  description: 'A provider that the hub knows: a preset for createProviderFromCatalogue.',
})
export class CatalogueEntryType {
  @Access('RECORD')
  @Field({ description: 'Its key.' })
  key!: string;

  @Access('RECORD')
  @Field({ description: 'Name for people.' })
  name!: string;

  @Access('RECORD')
  @Field({ description: 'What it is for.' })
  category!: string;

  @Access('RECORD')
  @Field(() => UrlScalar, { nullable: true, description: "The provider's manual." })
  documentationUrl?: string | null;

  @Access('RECORD')
  @Field(() => [GrantTypeEnum], { description: 'Grant types it offers.' })
  grantTypes!: GrantType[];

  @Access('RECORD')
  @Field(() => [CatalogueVariableType], { description: 'What it must be told.' })
  variables!: CatalogueVariableType[];

  @Access('RECORD')
  @Field(() => [String], { description: 'What is peculiar about it.' })
  notes!: string[];
}
