import { expect, it } from '@jest/globals';
import { describeEachDatabase } from './support/databases.js';
import { TestHub } from './support/hub.js';
import { StatementWatch } from './support/statement-watch.js';

describeEachDatabase('housekeeping', (on) => {
  it('looks for a batch of what has expired first, and deletes nothing else', async () => {
    const watch = StatementWatch.begin();
    const hub = await TestHub.start({ databaseUrl: await on.freshUrl() }).finally(() => watch.end());

    const statements = await watch.during(() => hub.app.purge());
    await hub.stop();

    expect(statements.filter((sql) => sql.startsWith('DELETE'))).toEqual([]);
    const reads = statements.filter((sql) => sql.startsWith('SELECT'));
    // Of signing keys there is a handful.
    expect(reads.filter((sql) => !sql.includes('LIMIT') && !/FROM .signing_key./.test(sql))).toEqual([]);
    for (const table of ['session', 'throttle_counter', 'idempotency_record', 'authorization_request', 'refresh_pause'])
      expect(reads).toContainEqual(expect.stringMatching(`FROM [\`"]${table}[\`"]`));
  });
});
