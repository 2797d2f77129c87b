import DataLoader from 'dataloader';
import type { ClientEntity } from './client.entity.js';
import type { ClientRepository } from './client.repository.js';

/** The default clients of providers, in one query for each tick. */
export class DefaultClientByProviderIdLoader extends DataLoader<string, ClientEntity | null> {
  constructor(clients: ClientRepository) {
    super(async (providerIds) => {
      const found = new Map((await clients.findDefaultsOf(providerIds)).map((row) => [row.defaultForProviderId, row]));
      return providerIds.map((id) => found.get(id) ?? null);
    });
  }
}
