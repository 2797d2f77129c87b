/** What not every machine has that runs the tests. */
export interface Needed {
  what: string;
  isThere: boolean;
  /** What to do to have it. */
  remedy: string;
  /** Set to 1 where nothing may be left out for the lack of it. */
  requiredBy: 'HUB_TEST_REQUIRE_MYSQL' | 'HUB_TEST_REQUIRE_FAKETIME';
}

/**
 * What to tell when something is left out; undefined when nothing is.
 *
 * @param leftOut what is, such as `left out is "…"`
 * @throws when a variable forbids to leave it out
 */
export function leftOutNotice(
  env: Readonly<Record<string, string | undefined>>,
  { isThere, remedy, requiredBy, what }: Needed,
  leftOut: string,
): string | undefined {
  if (isThere) return undefined;
  if (env[requiredBy] === '1') throw new Error(`${what} not found, and ${requiredBy}=1 requires it. ${remedy}.`);
  return `${what} not found: ${leftOut}. ${remedy} to run that too.`;
}
