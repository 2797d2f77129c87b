/** The instant in a column, moved by the parameter `:shift` (`shiftBack`); null stays null. In SQLite's words. */
export const shifted = (column: string) => (): string => `strftime('%Y-%m-%d %H:%M:%f', ${column}, :shift)`;

/** The parameter that moves instants back by as much. */
export function shiftBack(byMs: number): string {
  return `-${byMs / 1000} seconds`;
}
