import { Arg, Query, Resolver } from 'type-graphql';
import { Access } from '../graphql/access.js';
import { CatalogueEntryType } from './catalogue-entry.type.js';
import type { Catalogue } from './catalogue.js';
import type { ProviderPreset } from './preset.schema.js';

@Resolver()
export class CatalogueResolver {
  constructor(private readonly catalogue: Catalogue) {}

  @Access('SIGNED_IN')
  @Query(() => [CatalogueEntryType], {
    nullable: true,
    description: 'The providers that the hub brings along, by name.',
  })
  providerCatalogue(
    @Arg('search', () => String, { nullable: true, description: 'Words that occur in name, key or category.' })
    search: string | null,
  ): readonly ProviderPreset[] {
    return this.catalogue.search(search ?? '');
  }
}
