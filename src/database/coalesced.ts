import DataLoader from 'dataloader';

/**
 * Reads by one key that are asked for in the same moment become one statement. Nothing is kept: each moment reads anew.
 *
 * @param findAll rows of these keys, each key named once
 * @returns reads the rows of a key, in the order of `findAll`
 */
export function coalesced<Row>(
  findAll: (keys: readonly string[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): (key: string) => Promise<Row[]> {
  const loader = new DataLoader<string, Row[]>(
    async (keys) => {
      const rows = await findAll([...new Set(keys)]);
      return keys.map((key) => rows.filter((row) => keyOf(row) === key));
    },
    // Requests that have arrived together are read together.
    { cache: false, batchScheduleFn: (read) => void setImmediate(read) },
  );
  return (key) => loader.load(key);
}
