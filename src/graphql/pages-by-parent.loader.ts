import DataLoader from 'dataloader';
import type { PageRequest, Page } from '../database/page.js';
import type { PagesByParent } from '../database/page-for-each.js';

interface Key {
  parentId: string;
  request: PageRequest;
}

/** Pages of the children of parents; fields that ask for the same page share the queries. */
export class PagesByParentLoader<T> extends DataLoader<Key, Page<T>, string> {
  constructor(fetchForEach: (parentIds: readonly string[], request: PageRequest) => Promise<PagesByParent<T>>) {
    super(
      async (keys) => {
        const pages = new Map<string, Page<T>>();
        for (const group of groupByRequest(keys)) {
          const request = group[0]?.request ?? {};
          const found = await fetchForEach(
            group.map(({ parentId }) => parentId),
            request,
          );
          for (const [parentId, page] of found) pages.set(cacheKey({ parentId, request }), page);
        }
        return keys.map((key) => pages.get(cacheKey(key)) ?? new Error('This parent was not asked for'));
      },
      { cacheKeyFn: cacheKey },
    );
  }
}

function groupByRequest(keys: readonly Key[]): Iterable<Key[]> {
  const groups = new Map<string, Key[]>();
  for (const key of keys) {
    const name = requestKey(key.request);
    groups.set(name, [...(groups.get(name) ?? []), key]);
  }
  return groups.values();
}

function requestKey({ first, after, last, before }: PageRequest): string {
  return JSON.stringify([first, after, last, before]);
}

function cacheKey({ parentId, request }: Key): string {
  return `${parentId} ${requestKey(request)}`;
}
