import DataLoader from 'dataloader';
import type { Page, PageRequest, Sort } from '../database/page.js';
import type { ClientEntity } from './client.entity.js';
import type { ClientRepository } from './client.repository.js';

interface Key {
  providerId: string;
  request: PageRequest;
}

const BY_NAME: Sort<ClientEntity> = { column: 'nameKey', direction: 'ASC' };

/** Pages of the clients of providers; fields that ask for the same page share the queries. */
export class ClientsByProviderIdLoader extends DataLoader<Key, Page<ClientEntity>, string> {
  constructor(clients: ClientRepository) {
    super(
      async (keys) => {
        const groups = groupByRequest(keys);
        const pages = new Map<string, Page<ClientEntity>>();
        for (const group of groups.values()) {
          const request = group[0]?.request ?? {};
          const found = await clients.pageForEachProvider(
            group.map(({ providerId }) => providerId),
            request,
            BY_NAME,
          );
          for (const [providerId, page] of found) pages.set(cacheKey({ providerId, request }), page);
        }
        return keys.map((key) => pages.get(cacheKey(key)) ?? new Error('This provider was not asked for'));
      },
      { cacheKeyFn: cacheKey },
    );
  }
}

function groupByRequest(keys: readonly Key[]): Map<string, Key[]> {
  const groups = new Map<string, Key[]>();
  for (const key of keys) {
    const name = requestKey(key.request);
    groups.set(name, [...(groups.get(name) ?? []), key]);
  }
  return groups;
}

function requestKey({ first, after, last, before }: PageRequest): string {
  return JSON.stringify([first, after, last, before]);
}

function cacheKey({ providerId, request }: Key): string {
  return `${providerId} ${requestKey(request)}`;
}
