import { describe, it } from '@jest/globals';
import { findMariaDb } from './mariadb.js';

/**
 * For tests that start and stop a MariaDB of their own, which a server at HUB_TEST_MYSQL_URL cannot stand in for. Where
 * none is installed they are left out, with a line that says so; HUB_TEST_REQUIRE_MYSQL=1 makes that a failure.
 */
export function describeWithMariaDb(name: string, block: () => void): void {
  if (findMariaDb()) {
    describe(name, block);
    return;
  }
  if (process.env['HUB_TEST_REQUIRE_MYSQL'] === '1') {
    throw new Error('MariaDB not found, and HUB_TEST_REQUIRE_MYSQL=1 requires it. Install mariadb-server.');
  }
  process.stderr.write(`MariaDB not found: left out is "${name}". Install mariadb-server to run it.\n`);
  // Shown as skipped in the summary, besides the line above.
  describe.skip(name, () => it('is left out: MariaDB not found', () => undefined));
}
