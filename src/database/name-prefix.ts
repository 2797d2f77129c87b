import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { nameKey } from '../name-key.js';

/** Keeps rows whose name begins with the text, as a range that the index on `nameKey` serves on both databases. */
export function whereNameBegins<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  text: string | null | undefined,
): void {
  const prefix = nameKey(text ?? '');
  if (prefix === '') return;
  query.andWhere(`${query.alias}.nameKey >= :prefix AND ${query.alias}.nameKey < :prefixEnd`, {
    prefix,
    prefixEnd: `${prefix}\u{10FFFF}`,
  });
}
