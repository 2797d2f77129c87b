import type { MariaDb } from './mariadb.js';

/** What global-setup hands to global-teardown: jest loads the two apart from each other. */
interface GlobalState {
  hubMariaDb?: MariaDb | undefined;
  hubLeftOutNotice?: string | undefined;
}

export const globalState = globalThis as GlobalState;
