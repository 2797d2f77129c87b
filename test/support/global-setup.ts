import { globalState } from './global-state.ts';
import { leftOutNotice } from './left-out-notice.ts';
import { findMariaDb, startMariaDb } from './mariadb.ts';

/** Once per run: gives the database tests a MariaDB, or says that they go without. */
export default async function globalSetup(): Promise<void> {
  const notice = leftOutNotice(process.env, findMariaDb());
  globalState.hubLeftOutNotice = notice;
  if (notice) {
    process.stderr.write(`${notice}\n`);
  } else if (!process.env['HUB_TEST_MYSQL_URL']) {
    const mariaDb = await startMariaDb();
    globalState.hubMariaDb = mariaDb;
    process.env['HUB_TEST_MYSQL_URL'] = mariaDb.url;
  }
}
