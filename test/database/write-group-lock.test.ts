import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Connection, createConnection } from 'mysql2/promise';
import type { Database } from '../../src/database/database.js';
import { isLocked } from '../../src/database/dialect.js';
import { GuardEntity } from '../../src/database/guard.entity.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { WriteGroup } from '../../src/database/write-group.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { openDatabase } from '../support/open-database.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';

describeWithMariaDb('WriteGroup when somebody else holds a row', () => {
  let server: MariaDb;
  let database: Database;
  let holder: Connection;
  let unitOfWork: UnitOfWork;
  let group: WriteGroup<string, string>;
  let tries: string[][];
  let underWay: Set<string>;
  let mostUnderWay: number;

  const newGroup = (): WriteGroup<string, string> =>
    new WriteGroup(unitOfWork, async (tx, names) => {
      tries.push([...names]);
      const [alone = ''] = names.length === 1 ? names : [];
      if (alone.startsWith('held')) underWay.add(alone);
      mostUnderWay = Math.max(mostUnderWay, underWay.size);
      try {
        await tx.manager.insert(
          GuardEntity,
          names.map((name) => ({ name, version: 0 })),
        );
      } finally {
        underWay.delete(alone);
      }
      return names;
    });
  const hold = (names: readonly string[]) =>
    holder.query('INSERT INTO guard (name, version) VALUES ?', [names.map((name) => [name, 0])]);
  const piecesAreWaiting = async (): Promise<void> => {
    while (underWay.size < 3) await sleep(10);
  };

  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server.remove());

  beforeEach(async () => {
    const url = `${server.url}/hub_${randomBytes(8).toString('hex')}`;
    holder = await createConnection({ uri: server.url });
    await holder.query(`CREATE DATABASE ${new URL(url).pathname.slice(1)} CHARACTER SET utf8mb4`);
    await holder.changeUser({ database: new URL(url).pathname.slice(1) });
    database = await openDatabase(url);
    tries = [];
    underWay = new Set();
    mostUnderWay = 0;
    unitOfWork = new UnitOfWork(database);
    group = newGroup();
    await holder.query('START TRANSACTION');
    await hold(['held', 'held too']);
  });
  afterEach(() => holder.destroy());

  it('writes all others while it is held, and that one once it is free', async () => {
    const held = [group.run('held'), group.run('held too')];
    const others = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

    await expect(Promise.all(others.map((name) => group.run(name)))).resolves.toEqual(others);
    await holder.query('ROLLBACK');

    await expect(Promise.all(held)).resolves.toEqual(['held', 'held too']);
    expect(tries[0]).toEqual(['held', 'held too', ...others]);
    expect(await database.manager.count(GuardEntity)).toBe(10);
  });

  it.each([[['held']], [['held', 'a']]])('fails what stays held once it was tried alone: %j', async (names) => {
    const outcomes = await Promise.allSettled(names.map((name) => group.run(name)));

    const failed = outcomes.filter((each) => each.status === 'rejected');
    expect(failed.map(({ reason }) => isLocked(reason))).toEqual([true]);
    const [all, ...alone] = tries;
    expect(all).toEqual(names);
    // Side by side, in any order.
    expect(alone.sort()).toEqual(names.map((name) => [name]).sort());
  });

  describe('many of them', () => {
    const names = Array.from({ length: 12 }, (_, index) => `held ${index}`);
    let settled: string[];

    const run = async (name: string, by = group): Promise<string> => {
      try {
        return await by.run(name);
      } finally {
        settled.push(name);
      }
    };

    beforeEach(async () => {
      settled = [];
      await hold(names);
    });

    it('writes those that come meanwhile at once, serves reads, and writes the others once they are free', async () => {
      const held = Promise.all(names.map((name) => run(name)));
      await piecesAreWaiting();

      await expect(Promise.all([run('a'), run('b')])).resolves.toEqual(['a', 'b']);
      await expect(run('c')).resolves.toBe('c');
      expect(await database.manager.count(GuardEntity)).toBe(3);
      expect(settled).toEqual(['a', 'b', 'c']);
      await holder.query('ROLLBACK');

      await expect(held).resolves.toEqual(names);
      expect(await database.manager.count(GuardEntity)).toBe(15);
      expect(mostUnderWay).toBe(3);
    });

    it('fails all that stay held after one wait more, those too that had no turn', async () => {
      const held = Promise.allSettled(names.map((name) => run(name)));
      await piecesAreWaiting();

      await expect(run('a')).resolves.toBe('a');
      expect(settled).toEqual(['a']);
      const outcomes = await held;

      expect(outcomes.map((each) => each.status === 'rejected' && isLocked(each.reason))).toEqual(
        names.map(() => true),
      );
      const [all, ...alone] = tries;
      const last = alone.pop();
      expect([all, last]).toEqual([names, ['a']]);
      // Side by side.
      expect(new Set(alone.flat())).toEqual(new Set(['held 0', 'held 1', 'held 2']));
      expect(alone).toHaveLength(3);
    });

    it('leaves connections to others, however many groups it happens to', async () => {
      const groups = [group, newGroup(), newGroup(), newGroup()];
      const held = Promise.allSettled(names.map((name, index) => run(name, groups[Math.floor(index / 3)])));
      await piecesAreWaiting();

      const reads = await Promise.all(Array.from({ length: 20 }, () => database.manager.count(GuardEntity)));
      await expect(run('a', newGroup())).resolves.toBe('a');
      expect(reads).toEqual(reads.map(() => 0));
      expect(settled).toEqual(['a']);
      const outcomes = await held;

      expect(outcomes.map((each) => each.status === 'rejected' && isLocked(each.reason))).toEqual(
        names.map(() => true),
      );
      expect(mostUnderWay).toBe(3);
    });
  });
});
