import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { BadInputError } from '../errors.js';
import { type CursorKey, decodeCursor, encodeCursor } from './cursor.js';

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 100;

/** What a caller asks of a list: the Relay paging arguments. */
export interface PageRequest {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}

/** Order of a list: a column that is never null, then the id. */
export interface Sort<T> {
  column: keyof T & string;
  direction: 'ASC' | 'DESC';
}

export interface Page<T> {
  rows: T[];
  hasNext: boolean;
  hasPrevious: boolean;
  cursorOf(row: T): string;
  count: () => Promise<number>;
}

/** A page request whose bounds are checked and whose cursors are read. */
export interface Keyset {
  limit: number;
  /** From the end of the list. */
  backward: boolean;
  after: CursorKey | undefined;
  before: CursorKey | undefined;
}

/** @throws BadInputError naming the argument */
export function readPageRequest<T>(request: PageRequest, sort: Sort<T>): Keyset {
  const first = request.first ?? undefined;
  const last = request.last ?? undefined;
  if (first !== undefined && last !== undefined) throw new BadInputError('Give first or last, not both.', ['last']);
  for (const [name, value] of Object.entries({ first, last })) {
    if (value !== undefined && (value < 0 || value > MAX_PAGE_SIZE)) {
      throw new BadInputError(
        `${name} must be between 0 and ${MAX_PAGE_SIZE}: page through longer lists with a cursor.`,
        [name],
      );
    }
  }
  return {
    limit: first ?? last ?? DEFAULT_PAGE_SIZE,
    backward: last !== undefined,
    after: request.after == null ? undefined : decodeCursor(request.after, sort, 'after'),
    before: request.before == null ? undefined : decodeCursor(request.before, sort, 'before'),
  };
}

/**
 * One page by keyset: stable while rows come and go, and as cheap at the end of a list as at its start, given an index on
 * (sort column, id).
 *
 * @param query selects from one entity and carries the filters; its order and limit are set here
 */
export async function fetchPage<T extends ObjectLiteral & { id: string }>(
  query: SelectQueryBuilder<T>,
  request: PageRequest,
  sort: Sort<T>,
): Promise<Page<T>> {
  const keyset = readPageRequest(request, sort);
  const counted = query.clone();
  const ascending = (sort.direction === 'ASC') !== keyset.backward;
  const column = `${query.alias}.${sort.column}`;
  for (const { sql, parameters } of keysetConditions(query.alias, keyset, sort)) query.andWhere(sql, parameters);
  query.orderBy(column, ascending ? 'ASC' : 'DESC');
  if (sort.column !== 'id') query.addOrderBy(`${query.alias}.id`, ascending ? 'ASC' : 'DESC');
  const found = await query.limit(keyset.limit + 1).getMany();
  return toPage(found, keyset, sort, () => counted.getCount());
}

/** Cuts the row that was read too much, which only told that there is more. */
export function toPage<T extends { id: string }>(
  found: T[],
  keyset: Keyset,
  sort: Sort<T>,
  count: () => Promise<number>,
): Page<T> {
  const more = found.length > keyset.limit;
  const rows = found.slice(0, keyset.limit);
  if (keyset.backward) rows.reverse();
  return {
    rows,
    hasNext: keyset.backward ? keyset.before !== undefined : more,
    hasPrevious: keyset.backward ? more : keyset.after !== undefined,
    cursorOf: (row) => encodeCursor({ value: row[sort.column] as string | Date, id: row.id }, sort),
    count,
  };
}

/** `(column, id)` beyond the cursor, written so that both databases walk the index. */
function beyond<T>(alias: string, sort: Sort<T>, upward: boolean, name: string): string {
  const sign = upward ? '>' : '<';
  const column = `${alias}.${sort.column}`;
  if (sort.column === 'id') return `${alias}.id ${sign} :${name}Id`;
  return `${column} ${sign}= :${name}Value AND (${column} ${sign} :${name}Value OR ${alias}.id ${sign} :${name}Id)`;
}

/** What keeps a query to the rows between the cursors. */
export function keysetConditions<T>(
  alias: string,
  { after, before }: Keyset,
  sort: Sort<T>,
): { sql: string; parameters: Record<string, unknown> }[] {
  const upward = sort.direction === 'ASC';
  const condition = (name: string, key: CursorKey | undefined, up: boolean) =>
    key
      ? [{ sql: beyond(alias, sort, up, name), parameters: { [`${name}Value`]: key.value, [`${name}Id`]: key.id } }]
      : [];
  return [...condition('after', after, upward), ...condition('before', before, !upward)];
}

/** The page of a list in which the caller may see nothing; its arguments are still checked. */
export function emptyPage<T extends { id: string }>(request: PageRequest, sort: Sort<T>): Page<T> {
  return toPage([], readPageRequest(request, sort), sort, () => Promise.resolve(0));
}
