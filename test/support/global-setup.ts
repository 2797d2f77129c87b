import { globalState } from './global-state.ts';
import { leftOutNotice } from './left-out-notice.ts';
import { findMariaDb, startMariaDb } from './mariadb.ts';

/** Once per run: gives the database tests a MariaDB, or says that they go without. */
export default async function globalSetup(): Promise<void> {
  const mariaDbOrUrl = {
    what: 'MariaDB',
    isThere: Boolean(process.env['HUB_TEST_MYSQL_URL'] ?? findMariaDb()),
    remedy: 'Install mariadb-server or set HUB_TEST_MYSQL_URL',
    requiredBy: 'HUB_TEST_REQUIRE_MYSQL',
  } as const;
  const notice = leftOutNotice(process.env, mariaDbOrUrl, 'the database tests run on SQLite only');
  globalState.hubLeftOutNotice = notice;
  if (notice) {
    process.stderr.write(`${notice}\n`);
  } else if (!process.env['HUB_TEST_MYSQL_URL']) {
    const mariaDb = await startMariaDb();
    globalState.hubMariaDb = mariaDb;
    process.env['HUB_TEST_MYSQL_URL'] = mariaDb.url;
  }
}
