import { z } from 'zod';
import { BadInputError } from '../errors.js';
import type { Sort } from './page.js';

/** Where a row stands in a list: the value it is sorted by, then its id. */
export interface CursorKey {
  value: string | Date;
  id: string;
}

const MAX_CURSOR_LENGTH = 2000;

/** Column, direction, value (text, or epoch milliseconds for an instant), id. */
const Shape = z.tuple([z.string(), z.enum(['ASC', 'DESC']), z.union([z.string(), z.number()]), z.string()]);

export function encodeCursor<T>(key: CursorKey, sort: Sort<T>): string {
  const value = key.value instanceof Date ? key.value.getTime() : key.value;
  return Buffer.from(JSON.stringify([sort.column, sort.direction, value, key.id])).toString('base64url');
}

/** @throws BadInputError when the text is no cursor, or one of a list in another order */
export function decodeCursor<T>(cursor: string, sort: Sort<T>, argument: string): CursorKey {
  const parsed = Shape.safeParse(cursor.length > MAX_CURSOR_LENGTH ? undefined : parseJson(cursor));
  if (!parsed.success) {
    throw new BadInputError(`${argument} is not a cursor of this list: take it from pageInfo or an edge.`, [argument]);
  }
  const [column, direction, value, id] = parsed.data;
  if (column !== sort.column || direction !== sort.direction) {
    throw new BadInputError(`${argument} comes from a list in another order: start again without it.`, [argument]);
  }
  return { value: typeof value === 'number' ? new Date(value) : value, id };
}

function parseJson(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
