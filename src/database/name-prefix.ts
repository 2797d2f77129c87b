import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { nameKey } from '../name-key.js';

/**
 * Keeps rows whose name begins with the text, as a range that the index on `nameKey` serves on both databases.
 *
 * @param also an indexed column: rows are kept too where it begins with the text to the letter
 */
export function whereNameBegins<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  text: string | null | undefined,
  also?: string & keyof T,
): void {
  const prefix = nameKey(text ?? '');
  if (prefix === '') return;
  const range = (column: string, name: string): string =>
    `${query.alias}.${column} >= :${name} AND ${query.alias}.${column} < :${name}End`;
  const ranges = [range('nameKey', 'prefix'), ...(also === undefined ? [] : [range(also, 'text')])];
  query.andWhere(`(${ranges.join(' OR ')})`, {
    ...{ prefix, prefixEnd: `${prefix}\u{10FFFF}` },
    ...(also === undefined ? {} : { text, textEnd: `${text}\u{10FFFF}` }),
  });
}
