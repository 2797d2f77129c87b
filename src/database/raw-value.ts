/** An instant as a raw query gives it: text in UTC on SQLite, a Date on MySQL. */
export function rawInstant(value: unknown): Date | null {
  return typeof value === 'string' ? new Date(`${value.replace(' ', 'T')}Z`) : (value as Date | null);
}

/** A small list or object, null where the column is. */
export function rawJson<T>(value: unknown): T {
  return (typeof value === 'string' ? JSON.parse(value) : value) as T;
}

/** A boolean as a raw query gives it: 0 or 1. */
export function rawBoolean(value: unknown): boolean {
  return Number(value) === 1;
}
