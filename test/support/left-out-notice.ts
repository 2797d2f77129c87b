/**
 * What to tell when the database tests have no MariaDB; undefined when they have one.
 *
 * @param mariadbd path of the installed server, if any
 * @throws when `HUB_TEST_REQUIRE_MYSQL=1` forbids to leave them out
 */
export function leftOutNotice(
  env: Readonly<Record<string, string | undefined>>,
  mariadbd: string | undefined,
): string | undefined {
  if (env['HUB_TEST_MYSQL_URL'] || mariadbd) return undefined;
  const remedy = 'Install mariadb-server or set HUB_TEST_MYSQL_URL';
  if (env['HUB_TEST_REQUIRE_MYSQL'] === '1') {
    throw new Error(`MariaDB not found, and HUB_TEST_REQUIRE_MYSQL=1 requires it. ${remedy}.`);
  }
  return `MariaDB not found: the database tests run on SQLite only. ${remedy} to run them on MariaDB too.`;
}
