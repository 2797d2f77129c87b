import { type EntityTarget, type FindOptionsWhere, In, type ObjectLiteral } from 'typeorm';
import type { Database } from './database.js';
import {
  fetchPage,
  type Keyset,
  keysetConditions,
  type Page,
  type PageRequest,
  readPageRequest,
  type Sort,
  toPage,
} from './page.js';

export type PagesByParent<T> = Map<string, Page<T>>;

/**
 * The same page of the children of several parents: one query ranks the children of each, one loads those that are on a
 * page, one counts when asked. Needs an index on (parent column, sort column, id).
 *
 * @param only values that the children on the pages have in common, such as the owner whom the caller may see
 */
export async function fetchPageForEach<T extends ObjectLiteral & { id: string }>(
  database: Database,
  entity: EntityTarget<T>,
  parentColumn: keyof T & string,
  parentIds: readonly string[],
  request: PageRequest,
  sort: Sort<T>,
  only: FindOptionsWhere<T> = {},
): Promise<PagesByParent<T>> {
  const [onlyParent, ...others] = parentIds;
  if (onlyParent !== undefined && others.length === 0) {
    const query = database.manager
      .createQueryBuilder(entity, 'child')
      .where(`child.${parentColumn} = :parent`, { parent: onlyParent })
      .andWhere({ ...only });
    return new Map([[onlyParent, await fetchPage(query, request, sort)]]);
  }
  const keyset = readPageRequest(request, sort);
  const children = { entity, parentColumn, parentIds, only };
  const onPage = await idsOnPages(database, children, keyset, sort);
  const rows = await database.manager.findBy(entity, { id: In(onPage) } as never);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const inOrder = onPage.flatMap((id) => byId.get(id) ?? []);
  const counts = counter(database, children);
  return new Map(
    parentIds.map((parentId) => {
      const onThisPage = inOrder.filter((row) => row[parentColumn] === parentId);
      return [parentId, toPage(onThisPage, keyset, sort, async () => (await counts()).get(parentId) ?? 0)];
    }),
  );
}

interface Children<T> {
  entity: EntityTarget<T>;
  parentColumn: string;
  parentIds: readonly string[];
  only: FindOptionsWhere<T>;
}

/** Ids of the children that are on the pages, and of the one after, in the order of the query. */
async function idsOnPages<T extends ObjectLiteral>(
  database: Database,
  { entity, only, parentColumn, parentIds }: Children<T>,
  keyset: Keyset,
  sort: Sort<T>,
): Promise<string[]> {
  const direction = (sort.direction === 'ASC') !== keyset.backward ? 'ASC' : 'DESC';
  const order = `child.${sort.column} ${direction}, child.id ${direction}`;
  const ranked = database.manager
    .createQueryBuilder(entity, 'child')
    .select('child.id', 'id')
    .addSelect(`ROW_NUMBER() OVER (PARTITION BY child.${parentColumn} ORDER BY ${order})`, 'place')
    .where(`child.${parentColumn} IN (:...parentIds)`, { parentIds })
    .andWhere({ ...only });
  for (const { sql, parameters } of keysetConditions('child', keyset, sort)) ranked.andWhere(sql, parameters);
  const onPage = await database.manager
    .createQueryBuilder()
    .select('ranked.id', 'id')
    .from(`(${ranked.getQuery()})`, 'ranked')
    .where('ranked.place <= :limit', { limit: keyset.limit + 1 })
    .orderBy('ranked.place')
    .setParameters(ranked.getParameters())
    .getRawMany<{ id: string }>();
  return onPage.map(({ id }) => id);
}

/** Counts the children of all parents at once, at the first call. */
function counter<T extends ObjectLiteral>(
  database: Database,
  { entity, only, parentColumn, parentIds }: Children<T>,
): () => Promise<Map<string, number>> {
  let counted: Promise<Map<string, number>> | undefined;
  const count = async (): Promise<Map<string, number>> => {
    const rows = await database.manager
      .createQueryBuilder(entity, 'child')
      .select(`child.${parentColumn}`, 'parent')
      .addSelect('COUNT(*)', 'count')
      .where(`child.${parentColumn} IN (:...parentIds)`, { parentIds })
      .andWhere({ ...only })
      .groupBy(`child.${parentColumn}`)
      .getRawMany<{ parent: string; count: string | number }>();
    return new Map(rows.map((row) => [row.parent, Number(row.count)]));
  };
  return () => (counted ??= count());
}
