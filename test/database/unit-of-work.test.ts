import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { GuardEntity } from '../../src/database/guard.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase, openDatabase } from '../support/open-database.js';

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describeEachDatabase('UnitOfWork', (on) => {
  it('leaves exactly the work of those that succeed when half of 100 concurrent transactions fail', async () => {
    const database = await freshDatabase(on);
    const unitOfWork = new UnitOfWork(database);
    const seenHalf: string[] = [];

    const transactions = Array.from({ length: 100 }, (_, index) =>
      unitOfWork
        .run(async (tx) => {
          await tx.manager.insert(GuardEntity, { name: `first-${index}`, version: 0 });
          await pause();
          await tx.manager.insert(GuardEntity, { name: `second-${index}`, version: 0 });
          if (index % 2 === 1) throw new Error('fails on purpose');
        })
        .then(
          () => 'committed',
          (error: Error) => error.message,
        ),
    );
    const others = Array.from({ length: 50 }, async (_, index) => {
      await pause();
      await unitOfWork.run((tx) => tx.manager.insert(GuardEntity, { name: `other-${index}`, version: 0 }));
      for (const { name } of await database.manager.find(GuardEntity)) {
        if (/-\d*[13579]$/.test(name) && !name.startsWith('other')) seenHalf.push(name);
      }
    });
    const outcomes = await Promise.all(transactions);
    await Promise.all(others);

    const names = (await database.manager.find(GuardEntity)).map(({ name }) => name).sort();
    const even = Array.from({ length: 50 }, (_, index) => [`first-${index * 2}`, `second-${index * 2}`]).flat();
    const plain = Array.from({ length: 50 }, (_, index) => `other-${index}`);
    expect(names).toEqual([...even, ...plain].sort());
    expect(outcomes.filter((each) => each === 'committed')).toHaveLength(50);
    expect(outcomes.filter((each) => each === 'fails on purpose')).toHaveLength(50);
    expect(seenHalf).toEqual([]);
  });

  it('counts up one row from 50 concurrent transactions without losing a step', async () => {
    const database = await freshDatabase(on);
    const unitOfWork = new UnitOfWork(database);
    await unitOfWork.run((tx) => tx.manager.insert(GuardEntity, { name: 'counter', version: 0 }));

    await Promise.all(
      Array.from({ length: 50 }, () =>
        unitOfWork.run((tx) => tx.manager.increment(GuardEntity, { name: 'counter' }, 'version', 1)),
      ),
    );

    expect(await database.manager.findOneByOrFail(GuardEntity, { name: 'counter' })).toEqual({
      name: 'counter',
      version: 50,
    });
  });

  it('runs again what lost a deadlock', async () => {
    const database = await freshDatabase(on);
    const unitOfWork = new UnitOfWork(database);
    await unitOfWork.run((tx) =>
      tx.manager.insert(GuardEntity, [
        { name: 'a', version: 0 },
        { name: 'b', version: 0 },
      ]),
    );
    const countUp = (first: string, second: string): Promise<void> =>
      unitOfWork.run(async (tx) => {
        await tx.manager.increment(GuardEntity, { name: first }, 'version', 1);
        await pause();
        await tx.manager.increment(GuardEntity, { name: second }, 'version', 1);
      });

    await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? countUp('a', 'b') : countUp('b', 'a'))));

    expect((await database.manager.find(GuardEntity)).map(({ version }) => version)).toEqual([20, 20]);
  });

  it('refuses a unit of work inside another, which would wait for itself', async () => {
    const unitOfWork = new UnitOfWork(await freshDatabase(on));

    await expect(unitOfWork.run(() => unitOfWork.run(() => Promise.resolve()))).rejects.toThrow(
      'pass its transaction on',
    );
    await expect(unitOfWork.run(() => Promise.resolve('free again'))).resolves.toBe('free again');
  });

  if (on.dialect === 'mysql') return;

  it('lets nothing be written outside', async () => {
    const database = await freshDatabase(on);

    await expect(database.manager.insert(GuardEntity, { name: 'stray', version: 0 })).rejects.toThrow(/readonly/);
  });

  it('commits again after a full disk, which makes SQLite end a transaction by itself', async () => {
    const database = await freshDatabase(on);
    const unitOfWork = new UnitOfWork(database);
    const [{ page_count: pages } = { page_count: 0 }] =
      await database.writer.query<{ page_count: number }[]>('PRAGMA page_count');
    await database.writer.query(`PRAGMA max_page_count = ${pages + 2}`);
    const fill = unitOfWork.run(async (tx) => {
      for (let index = 0; index < 2_000; index += 1) {
        await tx.manager.insert(GuardEntity, { name: `filler-${index}-${'x'.repeat(40)}`, version: 0 });
      }
    });
    await expect(fill).rejects.toThrow(/full/);
    await database.writer.query('PRAGMA max_page_count = 1000000');
    await expect(unitOfWork.run(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');

    for (const name of ['one', 'two', 'three']) {
      await unitOfWork.run((tx) => tx.manager.insert(GuardEntity, { name, version: 0 }));
    }

    expect((await database.manager.find(GuardEntity)).map(({ name }) => name).sort()).toEqual(['one', 'three', 'two']);
  });

  it('waits for the lock of another program while everything else goes on', async () => {
    const url = await on.freshUrl();
    const database = await openDatabase(url);
    const unitOfWork = new UnitOfWork(database);
    const other = new BetterSqlite3(url.slice('sqlite:'.length));
    other.exec('BEGIN IMMEDIATE');
    const write = unitOfWork.run((tx) => tx.manager.insert(GuardEntity, { name: 'late', version: 0 }));
    const reads: number[] = [];

    while (reads.length < 20) {
      await sleep(100);
      reads.push(await database.manager.count(GuardEntity));
    }
    other.exec('COMMIT');
    other.close();
    await write;

    expect(reads).toEqual(reads.map(() => 0));
    expect(await database.manager.count(GuardEntity)).toBe(1);
  });
});
