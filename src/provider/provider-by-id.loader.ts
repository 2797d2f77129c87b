import DataLoader from 'dataloader';
import type { ProviderEntity } from './provider.entity.js';
import type { ProviderRepository } from './provider.repository.js';

/** Providers by id, in one query for each tick. */
export class ProviderByIdLoader extends DataLoader<string, ProviderEntity | null> {
  constructor(providers: ProviderRepository) {
    super(async (ids) => {
      const found = new Map((await providers.findByIds(ids)).map((row) => [row.id, row]));
      return ids.map((id) => found.get(id) ?? null);
    });
  }
}
