import { beforeEach, expect, it } from '@jest/globals';
import { AuditEventEntity } from '../../src/audit/audit-event.entity.js';
import type { Database } from '../../src/database/database.js';
import { insertAll } from '../../src/database/insert-all.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { newId } from '../../src/ids.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';
import { StatementWatch } from '../support/statement-watch.js';

describeEachDatabase('insertAll', (on) => {
  let database: Database;
  let watch: StatementWatch;

  beforeEach(async () => {
    watch = StatementWatch.begin();
    database = await freshDatabase(on);
    watch.end();
  });

  const event = (given: Partial<AuditEventEntity> = {}): AuditEventEntity =>
    Object.assign(new AuditEventEntity(), {
      id: newId('auditEvent'),
      action: 'TOKEN_CREATED',
      actorId: null,
      actorName: "O'Neill \\ \u{1F511} ? :name",
      subjectId: 'tok_1',
      success: true,
      detail: { quotes: `"'\``, nested: { list: [1, null] } },
      ip: '127.0.0.1',
      requestId: 'req_1',
      occurredAt: new Date('2026-03-01T12:00:00.123Z'),
      ...given,
    });
  const insert = (rows: readonly AuditEventEntity[]) =>
    new UnitOfWork(database).run((tx) => insertAll(tx.manager, AuditEventEntity, rows));
  const stored = () => database.manager.find(AuditEventEntity, { order: { id: 'ASC' } });

  it('stores rows as they are read again, in one statement', async () => {
    const rows = [event(), event({ actorId: 'usr_1', success: false, detail: null, ip: null })];

    const statements = await watch.during(() => insert(rows));

    expect(await stored()).toEqual(rows);
    expect(statements.filter((sql) => sql.startsWith('INSERT'))).toHaveLength(1);
  });

  it('stores nothing of nothing, and nothing where one is refused', async () => {
    const taken = event();
    await insert([taken]);

    await insert([]);
    await expect(insert([event(), event({ id: taken.id })])).rejects.toThrow();

    expect(await stored()).toEqual([taken]);
  });
});
