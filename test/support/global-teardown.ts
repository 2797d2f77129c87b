import { globalState } from './global-state.ts';

/** Once per run, after jest's summary: removes the MariaDB of global-setup and repeats what was left out. */
export default async function globalTeardown(): Promise<void> {
  if (globalState.hubMariaDb) {
    await globalState.hubMariaDb.remove();
    globalState.hubMariaDb = undefined;
    delete process.env['HUB_TEST_MYSQL_URL'];
  }
  if (globalState.hubLeftOutNotice) process.stderr.write(`${globalState.hubLeftOutNotice}\n`);
}
