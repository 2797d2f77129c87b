import { expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';

describeEachDatabase('an open database', (on) => {
  it('has the durability and isolation settings the promises rest on', async () => {
    const database = await freshDatabase(on);

    if (database.dialect === 'sqlite') {
      for (const { manager } of [database.writer, database]) {
        expect(await manager.query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
        expect(await manager.query('PRAGMA synchronous')).toEqual([{ synchronous: 2 }]);
        expect(await manager.query('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }]);
        expect(await manager.query('PRAGMA busy_timeout')).toEqual([{ timeout: 5000 }]);
      }
      expect(await database.manager.query('PRAGMA query_only')).toEqual([{ query_only: 1 }]);
      return;
    }
    const sessions = await Promise.all(
      Array.from({ length: 10 }, () =>
        database.manager.query<{ isolation: string; zone: string; mode: string }[]>(
          'SELECT @@tx_isolation AS isolation, @@time_zone AS zone, @@sql_mode AS mode, SLEEP(0.05), ' +
            '@@innodb_lock_wait_timeout AS rowWait, @@lock_wait_timeout AS tableWait',
        ),
      ),
    );
    for (const [session] of sessions) {
      expect(session).toMatchObject({ isolation: 'READ-COMMITTED', zone: '+00:00', rowWait: '5', tableWait: '5' });
      expect(session?.mode).toContain('STRICT_ALL_TABLES');
    }
  });
});
