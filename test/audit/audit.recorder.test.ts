import 'reflect-metadata';
import { beforeEach, expect, it } from '@jest/globals';
import { AuditEventEntity } from '../../src/audit/audit-event.entity.js';
import { AuditRecorder } from '../../src/audit/audit.recorder.js';
import { SecretReader } from '../../src/audit/secret-reader.js';
import type { Database } from '../../src/database/database.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { RateLimitedError } from '../../src/errors.js';
import { hubContext, type RequestContext } from '../../src/request-context.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';

/** Counts the commits that the recorder causes. */
class CountingUnitOfWork extends UnitOfWork {
  count = 0;

  override run<T>(work: Parameters<UnitOfWork['run']>[0]): Promise<T> {
    this.count += 1;
    return super.run(work) as Promise<T>;
  }
}

const AT = new Date('2026-03-01T12:00:00.123Z');
const SOMEBODY: RequestContext = {
  requestId: 'req_test',
  ip: '192.0.2.1',
  actor: { id: 'usr_somebody', name: 'Somebody', roles: ['SYSTEM_MANAGER'] },
};

describeEachDatabase('the audit recorder', (testDatabase) => {
  let database: Database;
  let unitOfWork: CountingUnitOfWork;
  let recorder: AuditRecorder;

  beforeEach(async () => {
    database = await freshDatabase(testDatabase);
    unitOfWork = new CountingUnitOfWork(database);
    recorder = new AuditRecorder(unitOfWork, { now: () => AT });
  });

  const rows = () => database.manager.find(AuditEventEntity, { order: { id: 'ASC' } });

  it('writes who did what to which record, from where and when', async () => {
    await unitOfWork.run((tx) =>
      recorder.record(tx, SOMEBODY, { action: 'CLIENT_UPDATED', subjectId: 'cli_a', detail: { changed: ['name'] } }),
    );

    expect(await rows()).toEqual([
      {
        id: expect.stringMatching(/^aud_/),
        action: 'CLIENT_UPDATED',
        actorId: 'usr_somebody',
        actorName: 'Somebody',
        subjectId: 'cli_a',
        success: true,
        detail: { changed: ['name'] },
        ip: '192.0.2.1',
        requestId: 'req_test',
        occurredAt: AT,
      },
    ]);
  });

  it.each([
    ['the hub itself', hubContext('req_hub'), { actorId: null, actorName: 'hub', ip: null }],
    ['nobody', { ...SOMEBODY, actor: null }, { actorId: null, actorName: 'anonymous', ip: '192.0.2.1' }],
  ])('writes what %s does', async (_who, ctx, row) => {
    await recorder.recordBeforeAnswer(ctx, { action: 'SESSION_REFUSED', subjectId: null, success: false });

    expect(await rows()).toMatchObject([{ ...row, subjectId: null, success: false, detail: null }]);
  });

  it('leaves no row of a change that is rolled back', async () => {
    const failing = unitOfWork.run(async (tx) => {
      await recorder.record(tx, SOMEBODY, { action: 'CLIENT_DELETED', subjectId: 'cli_a' });
      throw new Error('something else failed');
    });

    await expect(failing).rejects.toThrow('something else failed');
    expect(await rows()).toEqual([]);
  });

  it('commits the rows of many readers together, and answers none before', async () => {
    const committedFirst: boolean[] = [];
    const readers = Array.from({ length: 200 }, async (_, index) => {
      await recorder.recordBeforeAnswer(SOMEBODY, { action: 'SECRET_READ', subjectId: `cli_${index}` });
      committedFirst.push(await database.manager.existsBy(AuditEventEntity, { subjectId: `cli_${index}` }));
    });

    await Promise.all(readers);

    expect(committedFirst).toEqual(Array(200).fill(true));
    expect(new Set((await rows()).map(({ subjectId }) => subjectId)).size).toBe(200);
    expect(unitOfWork.count).toBeLessThanOrEqual(3);
  });

  it('tells every reader of a commit that failed, and goes on with the next', async () => {
    const tooLong = { ...SOMEBODY, requestId: 'x'.repeat(100) };
    await unitOfWork.run((tx) => tx.manager.query(refuseLongRequests(testDatabase.dialect)));

    const outcomes = await Promise.allSettled([
      recorder.recordBeforeAnswer(tooLong, { action: 'SECRET_READ', subjectId: 'cli_a' }),
      recorder.recordBeforeAnswer(tooLong, { action: 'SECRET_READ', subjectId: 'cli_b' }),
    ]);
    await recorder.recordBeforeAnswer(SOMEBODY, { action: 'SECRET_READ', subjectId: 'cli_c' });

    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await rows()).map(({ subjectId }) => subjectId)).toEqual(['cli_c']);
  });

  it('hands a secret out only once its reading is on record', async () => {
    const reader = new SecretReader(recorder);
    let rowsWhenOpened = -1;

    const value = await reader.read(SOMEBODY, 'cli_a', 'clientSecret', async () => {
      rowsWhenOpened = (await rows()).length;
      return 'not a real secret';
    });

    expect(value).toBe('not a real secret');
    expect(rowsWhenOpened).toBe(0);
    expect(await rows()).toMatchObject([
      { action: 'SECRET_READ', subjectId: 'cli_a', detail: { field: 'clientSecret' }, actorId: 'usr_somebody' },
    ]);
  });

  it('records no reading of a secret that does not open', async () => {
    const reader = new SecretReader(recorder);

    const reading = reader.read(SOMEBODY, 'cli_a', 'clientSecret', () =>
      Promise.reject(new Error('sealed for another row')),
    );

    await expect(reading).rejects.toThrow('sealed for another row');
    expect(await rows()).toEqual([]);
  });

  it('lets one caller read 300 secrets a minute, and another his own 300', async () => {
    const reader = new SecretReader(recorder);
    const read = (ctx: RequestContext) => reader.read(ctx, 'cli_a', 'clientSecret', () => Promise.resolve('x'));
    await Promise.all(Array.from({ length: 300 }, () => read(SOMEBODY)));

    await expect(read(SOMEBODY)).rejects.toBeInstanceOf(RateLimitedError);
    await expect(read({ ...SOMEBODY, actor: { id: 'usr_other', name: 'Other', roles: [] } })).resolves.toBe('x');
    expect(await rows()).toHaveLength(301);
  });
});

/** MariaDB refuses what is longer than its column by itself; SQLite takes any length. */
function refuseLongRequests(dialect: 'sqlite' | 'mysql'): string {
  if (dialect === 'mysql') return 'SELECT 1';
  return "CREATE TRIGGER refuse_long BEFORE INSERT ON audit_event WHEN length(NEW.requestId) > 64 BEGIN SELECT RAISE(ABORT, 'too long'); END";
}
