import { PagesByParentLoader } from '../graphql/pages-by-parent.loader.js';
import type { ClientEntity } from './client.entity.js';
import type { ClientRepository } from './client.repository.js';

import type { Sort } from '../database/page.js';

export const CLIENTS_BY_NAME: Sort<ClientEntity> = { column: 'nameKey', direction: 'ASC' };

/** Pages of the clients of providers, by name. */
export class ClientsByProviderIdLoader extends PagesByParentLoader<ClientEntity> {
  constructor(clients: ClientRepository) {
    super((providerIds, request) => clients.pageForEachProvider(providerIds, request, CLIENTS_BY_NAME));
  }
}
