import { describeWith } from './describe-with.js';
import { findMariaDb } from './mariadb.js';

/** For tests that start and stop a MariaDB of their own, which a server at HUB_TEST_MYSQL_URL cannot stand in for. */
export function describeWithMariaDb(name: string, block: () => void): void {
  const isThere = findMariaDb() !== undefined;
  describeWith(
    { what: 'MariaDB', isThere, remedy: 'Install mariadb-server', requiredBy: 'HUB_TEST_REQUIRE_MYSQL' },
    name,
    block,
  );
}
