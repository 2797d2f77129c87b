import { beforeEach, expect, it } from '@jest/globals';
import { AuditEventEntity } from '../../src/audit/audit-event.entity.js';
import type { Database } from '../../src/database/database.js';
import { insertAll } from '../../src/database/insert-all.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { newId } from '../../src/ids.js';
import { IssuedValueEntity } from '../../src/issued-value/issued-value.entity.js';
import { ExchangeAttemptEntity } from '../../src/token/exchange-attempt.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';
import { StatementWatch } from '../support/statement-watch.js';
import { at, clientRow, providerRow, saveRows, tokenRow } from '../token/stored-rows.js';

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

  it('stores numbers, lists, sealed texts and what is missing as they are read again', async () => {
    const provider = providerRow();
    const client = clientRow(provider);
    const token = tokenRow(client);
    await saveRows(database, { providers: [provider], clients: [client], tokens: [token] });
    const value = (given: Partial<IssuedValueEntity>): IssuedValueEntity => ({
      id: newId('issuedValue'),
      tokenId: token.id,
      kind: 'ACCESS',
      hash: newId('issuedValue'),
      familyId: null,
      generation: 1,
      familyGeneration: null,
      scopes: null,
      expiresAt: null,
      endsAt: null,
      usedAt: null,
      successorKeyId: null,
      createdAt: at(0),
      ...given,
    });
    const values = [value({}), value({ familyId: 'isv_1', familyGeneration: 0, generation: 2_000_000_000 })];
    values.push(value({ scopes: [], expiresAt: at(123) }), value({ scopes: ['a', '"b"'], endsAt: at(1) }));
    const attempt = (given: Partial<ExchangeAttemptEntity>): ExchangeAttemptEntity => ({
      id: newId('exchangeAttempt'),
      tokenId: token.id,
      kind: 'REFRESH',
      ownerId: 'rep_1',
      epoch: 0,
      generation: 7,
      context: null,
      state: 'STARTED',
      spentHash: null,
      answer: null,
      startedAt: at(0),
      finishedAt: null,
      ...given,
    });
    const attempts = [attempt({}), attempt({ context: `${'long '.repeat(30_000)}\u{1F511}`, finishedAt: at(999) })];

    await new UnitOfWork(database).run(async (tx) => {
      await insertAll(tx.manager, IssuedValueEntity, values);
      await insertAll(tx.manager, ExchangeAttemptEntity, attempts);
    });

    const order = { id: 'ASC' } as const;
    expect(await database.manager.find(IssuedValueEntity, { order })).toEqual(values);
    expect(await database.manager.find(ExchangeAttemptEntity, { order })).toEqual(attempts);
  });

  it('stores nothing of nothing, and nothing where one is refused', async () => {
    const taken = event();
    await insert([taken]);

    await insert([]);
    await expect(insert([event(), event({ id: taken.id })])).rejects.toThrow();

    expect(await stored()).toEqual([taken]);
  });
});
