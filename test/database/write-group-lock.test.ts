import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
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
  let group: WriteGroup<string, string>;
  let tries: string[][];

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
    group = new WriteGroup(new UnitOfWork(database), async (tx, names) => {
      tries.push([...names]);
      await tx.manager.insert(
        GuardEntity,
        names.map((name) => ({ name, version: 0 })),
      );
      return names;
    });
    await holder.query('START TRANSACTION');
    await holder.query("INSERT INTO guard (name, version) VALUES ('held', 0), ('held too', 0)");
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
    expect(tries).toEqual([names, ...names.map((name) => [name])]);
  });
});
