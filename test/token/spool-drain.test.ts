import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { newId } from '../../src/ids.js';
import { createLog } from '../../src/log.js';
import { Spool } from '../../src/spool/spool.js';
import { ExchangeAttemptEntity } from '../../src/token/exchange-attempt.entity.js';
import { ExchangeAttemptRepository } from '../../src/token/exchange-attempt.repository.js';
import type { OrphanAnswers } from '../../src/token/orphan-answers.js';
import { SpoolDrain } from '../../src/token/spool-drain.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';
import { StatementWatch } from '../support/statement-watch.js';
import { refuseUpdate } from './refused-update.js';
import { clientRow, NOW, providerRow, saveRows, tokenRow } from './stored-rows.js';

const MANY = 200;

describeEachDatabase('answers that waited on the disk', (on) => {
  const log = createLog('silent', { write: () => undefined });
  const folders: string[] = [];
  const spools: Spool[] = [];

  afterEach(async () => {
    for (const spool of spools.splice(0)) await spool.close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  const openSpool = async (): Promise<Spool> => {
    const folder = mkdtempSync(join(tmpdir(), 'hub-drain-'));
    folders.push(folder);
    const spool = await Spool.open(folder, log);
    spools.push(spool);
    return spool;
  };
  /** With the row of an attempt for each answer. */
  const given = async (count: number) => {
    const database = await freshDatabase(on);
    const provider = providerRow();
    const client = clientRow(provider);
    const token = tokenRow(client);
    await saveRows(database, { providers: [provider], clients: [client], tokens: [token] });
    const spool = await openSpool();
    const ids = Array.from({ length: count }, () => newId('exchangeAttempt'));
    await database.writer.manager.insert(
      ExchangeAttemptEntity,
      ids.map((id, epoch) => attemptRow(id, epoch, token.id)),
    );
    for (const id of ids) await (await spool.reserve(id)).write(`sealed ${id}`);
    return { database, drain: drainOf(spool, database), ids, spool };
  };
  const orphaned: string[] = [];
  const drainOf = (spool: Spool, database: Database): SpoolDrain => {
    const orphans = { revoke: async (id: string) => orphaned.push(id) > 0 } as Pick<OrphanAnswers, 'revoke'>;
    const attempts = new ExchangeAttemptRepository(database);
    return new SpoolDrain(spool, attempts, orphans as OrphanAnswers, new UnitOfWork(database), log);
  };
  const stored = async (database: Database): Promise<Map<string, string | null>> => {
    const rows = await database.manager.find(ExchangeAttemptEntity, { where: { state: 'ANSWERED' } });
    return new Map(rows.map(({ answer, id }) => [id, answer]));
  };

  it('are stored together: many cost few commits', async () => {
    const watch = StatementWatch.begin();
    const { database, drain, ids, spool } = await given(MANY).finally(() => watch.end());

    const statements = await watch.during(() => drain.runDue());

    expect(spool.size).toBe(0);
    expect(await stored(database)).toEqual(new Map(ids.map((id) => [id, `sealed ${id}`])));
    expect(statements.filter((sql) => sql === 'COMMIT').length).toBeLessThanOrEqual(MANY / 25);
  });

  it('are stored where another one cannot be, or is for a token that is deleted', async () => {
    const { database, drain, ids, spool } = await given(6);
    const [refused = '', deleted = '', ...others] = ids;
    await refuseUpdate((sql) => database.writer.query(sql), on.dialect, {
      table: 'exchange_attempt',
      column: 'state',
      id: refused,
    });
    await database.writer.manager.delete(ExchangeAttemptEntity, { id: deleted });

    await expect(drain.runDue()).rejects.toThrow();

    expect(spool.pending()).toEqual([{ attemptId: refused }]);
    expect([...(await stored(database)).keys()].sort()).toEqual([...others].sort());
    expect(orphaned.splice(0)).toEqual([deleted]);
  });
});

function attemptRow(id: string, epoch: number, tokenId: string): ExchangeAttemptEntity {
  return Object.assign(new ExchangeAttemptEntity(), {
    id,
    tokenId,
    kind: 'REFRESH',
    ownerId: 'rep_here',
    epoch,
    generation: 1,
    context: null,
    state: 'STARTED',
    spentHash: null,
    answer: null,
    startedAt: NOW,
    finishedAt: null,
  });
}
