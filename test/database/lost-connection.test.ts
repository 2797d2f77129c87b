import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { GuardEntity } from '../../src/database/guard.entity.js';
import { UnclearCommitError } from '../../src/database/unclear-commit.error.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { openDatabase } from '../support/open-database.js';
import { CuttingProxy, type Moment } from './cutting-proxy.js';
import { Writers } from './load.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';

const MOMENTS: Moment[] = ['before', 'after'];

describeWithMariaDb('lost connections', () => {
  let server: MariaDb;
  let proxy: CuttingProxy;
  let database: Database;
  let unitOfWork: UnitOfWork;
  let runs: number;

  const names = async (): Promise<string[]> =>
    (await database.manager.find(GuardEntity, { order: { name: 'ASC' } })).map(({ name }) => name);
  const insertTwo = (): Promise<void> =>
    unitOfWork.run(async (tx) => {
      runs += 1;
      await tx.manager.insert(GuardEntity, { name: 'first', version: 0 });
      await tx.manager.insert(GuardEntity, { name: 'second', version: 0 });
    });

  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server.remove());

  beforeEach(async () => {
    proxy = await CuttingProxy.ofNewDatabase(server.url);
    database = await openDatabase(proxy.url);
    unitOfWork = new UnitOfWork(database);
    runs = 0;
  });
  afterEach(() => proxy.close());

  it.each(MOMENTS)('run a unit of work again when they were lost %s a statement of it', async (moment) => {
    proxy.cutAt('second', moment);

    await insertTwo();

    expect(runs).toBe(2);
    expect(await names()).toEqual(['first', 'second']);
  });

  it('are told at once to who does not want to wait', async () => {
    proxy.cutAt('first', 'before');
    const work = unitOfWork.run(
      (tx) => {
        runs += 1;
        return tx.manager.insert(GuardEntity, { name: 'first', version: 0 });
      },
      { lostMs: 0 },
    );

    await expect(work).rejects.toThrow();
    expect(runs).toBe(1);
    expect(await names()).toEqual([]);
  });

  it('run a unit of work again when they were lost at its start', async () => {
    proxy.cutAt('START TRANSACTION', 'before');

    await insertTwo();

    expect(runs).toBe(1);
    expect(await names()).toEqual(['first', 'second']);
  });

  it('run a unit of work again when they were lost before the COMMIT was sent', async () => {
    await unitOfWork.run(async (tx) => {
      runs += 1;
      await tx.manager.insert(GuardEntity, { name: 'first', version: 0 });
      if (runs > 1) return;
      proxy.cutAll();
      await tx.manager.query('SELECT 1').catch(() => undefined);
    });

    expect(runs).toBe(2);
    expect(await names()).toEqual(['first']);
  });

  it('let nothing of a unit of work take effect by itself, whatever it catches', async () => {
    proxy.cutAt('first', 'before');

    await unitOfWork.run(async (tx) => {
      runs += 1;
      await tx.manager.insert(GuardEntity, { name: `first ${runs}`, version: 0 }).catch(() => undefined);
      await tx.manager.insert(GuardEntity, { name: `second ${runs}`, version: 0 }).catch(() => undefined);
    });

    expect(runs).toBe(2);
    expect(await names()).toEqual(['first 2', 'second 2']);
  });

  it.each([
    ['before', []],
    ['after', ['first', 'second']],
  ] as const)('are told as unclear when they were lost %s a COMMIT, which is not repeated', async (moment, stored) => {
    proxy.cutAt('COMMIT', moment);

    const error = await insertTwo().catch((refusal: unknown) => refusal);

    expect(error).toBeInstanceOf(UnclearCommitError);
    expect((error as Error).cause).toMatchObject({ driverError: { code: expect.any(String) } });
    expect(runs).toBe(1);
    expect(await names()).toEqual(stored);
  });

  it.each(MOMENTS)('are made good for a read when they were lost %s it, once', async (moment) => {
    await insertTwo();

    proxy.cutAt('guard', moment);
    expect(await names()).toEqual(['first', 'second']);

    proxy.cutAt('guard', moment);
    proxy.cutAt('guard', moment);
    await expect(names()).rejects.toMatchObject({ driverError: { code: expect.any(String) } });
    expect(await names()).toEqual(['first', 'second']);
  });

  it('are made good for many at a time', async () => {
    await insertTwo();

    const reads = Array.from({ length: 40 }, () => names());
    const writes = Array.from({ length: 40 }, (_, index) =>
      unitOfWork
        .run((tx) => tx.manager.insert(GuardEntity, { name: `write-${index}`, version: 0 }))
        .then(
          () => `write-${index}`,
          (error: unknown) => (error instanceof UnclearCommitError ? undefined : Promise.reject(error as Error)),
        ),
    );
    proxy.cutAll();

    await Promise.all(reads);
    const acknowledged = (await Promise.all(writes)).filter((name) => name !== undefined);
    expect(await names()).toEqual(expect.arrayContaining(acknowledged));
  });

  it('leave a session as it must be to the next one', async () => {
    proxy.cutAll();

    const [session] = await database.manager.query<{ isolation: string; zone: string }[]>(
      'SELECT @@tx_isolation AS isolation, @@time_zone AS zone',
    );

    expect(session).toEqual({ isolation: 'READ-COMMITTED', zone: '+00:00' });
  });

  it('to a server that is killed and comes back fail no unit of work', async () => {
    const writers = new Writers(unitOfWork, 'row');
    await writers.acknowledgeMore(50);
    await server.kill();
    await server.start();
    await writers.acknowledgeMore(50);
    await writers.stop();

    const stored = new Set(await names());
    expect(writers.failures).toEqual([]);
    expect(writers.acknowledged.filter((name) => !stored.has(name))).toEqual([]);
  });
});
