import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import type { Database } from '../../src/database/database.js';
import { GuardEntity } from '../../src/database/guard.entity.js';
import { liftStatementLimit } from '../../src/database/statement-limit.js';
import { UnclearCommitError } from '../../src/database/unclear-commit.error.js';
import { type Transaction, UnitOfWork } from '../../src/database/unit-of-work.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { openDatabase } from '../support/open-database.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';

const TOO_SLOW = { driverError: { code: 'PROTOCOL_SEQUENCE_TIMEOUT' } };

interface World {
  url: string;
  database: Database;
  unitOfWork: UnitOfWork;
}

describeWithMariaDb('a database that does not answer and does not refuse', () => {
  let server: MariaDb;
  let url: string;
  let database: Database;
  let unitOfWork: UnitOfWork;
  let runs: number;

  const insert = (tx: Transaction, name: string) => tx.manager.insert(GuardEntity, { name, version: 0 });
  const names = async (): Promise<string[]> => (await database.manager.find(GuardEntity)).map(({ name }) => name);

  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server.remove());

  const openWorld = async (): Promise<World> => {
    const name = `hub_${randomBytes(8).toString('hex')}`;
    const connection = await createConnection({ uri: server.url });
    await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
    await connection.end();
    const at = `${server.url}/${name}`;
    const opened = await openDatabase(at);
    return { url: at, database: opened, unitOfWork: new UnitOfWork(opened) };
  };

  beforeEach(async () => {
    ({ database, unitOfWork, url } = await openWorld());
    runs = 0;
  });
  afterEach(() => server.thaw());

  it('is given up, by all that wait for it, and used again once it answers', async () => {
    server.freeze();
    const reads = await Promise.allSettled(Array.from({ length: 20 }, () => names()));
    server.thaw();

    expect(reads.map(({ status }) => status)).toEqual(reads.map(() => 'rejected'));
    const again = await Promise.all(Array.from({ length: 20 }, () => names()));
    expect(again).toEqual(again.map(() => []));
  });

  it('is tried again by a unit of work, of which nothing is left', async () => {
    await unitOfWork.run(async (tx) => {
      runs += 1;
      await insert(tx, `first ${runs}`);
      if (runs === 1) server.freeze();
      await insert(tx, `second ${runs}`).finally(() => server.thaw());
    });

    expect(runs).toBe(2);
    expect((await names()).sort()).toEqual(['first 2', 'second 2']);
  });

  it('leaves a COMMIT unclear', async () => {
    const outcome = unitOfWork.run(async (tx) => {
      runs += 1;
      await insert(tx, 'first');
      server.freeze();
    });

    await expect(outcome).rejects.toBeInstanceOf(UnclearCommitError);
    await expect(outcome).rejects.toMatchObject({ cause: TOO_SLOW });
    expect(runs).toBe(1);
  });

  it('because a backup holds the COMMIT is tried again, as nothing was stored', async () => {
    const holder = await createConnection({ uri: url });
    await holder.query('BACKUP STAGE START');
    await holder.query('BACKUP STAGE BLOCK_COMMIT');

    await unitOfWork.run(async (tx) => {
      runs += 1;
      if (runs === 2) holder.destroy();
      await insert(tx, `try ${runs}`);
    });

    expect(await names()).toEqual([`try ${runs}`]);
    expect(runs).toBeGreaterThan(1);
  });

  // Each on a database of its own, and all at once: they have nothing to do but wait.
  describe('because of what somebody else does', () => {
    const scenarios: (() => Promise<void>)[] = [];
    let outcomes: Promise<void>[];
    const begun = (scenario: (world: World) => Promise<void>): (() => Promise<void>) => {
      const index = scenarios.push(async () => scenario(await openWorld())) - 1;
      return () => outcomes[index] ?? Promise.reject(new Error('It was not begun'));
    };
    beforeAll(async () => {
      outcomes = scenarios.map((scenario) => scenario());
      // Their databases are closed after the first test.
      await Promise.allSettled(outcomes);
    });
    const increment = (tx: Transaction) =>
      tx.manager.increment(GuardEntity, { name: 'contested' }, 'version', 1).then(() => undefined);

    it.each([
      ['a row', begun(heldFor("UPDATE guard SET version = 1 WHERE name = 'contested'"))],
      ['a table', begun(heldFor('LOCK TABLES guard WRITE'))],
    ])('that holds %s it is tried again', (_what, outcome) => outcome());

    it(
      'that holds a row for long it is told after two waits or so',
      begun(async ({ unitOfWork: work, url: at }) => {
        await work.run((tx) => insert(tx, 'contested'));
        const holder = await createConnection({ uri: at });
        await holder.query('START TRANSACTION');
        await holder.query("UPDATE guard SET version = 1 WHERE name = 'contested'");
        let tries = 0;

        const outcome = work.run((tx) => {
          tries += 1;
          return increment(tx);
        });

        await expect(outcome).rejects.toMatchObject({ driverError: { errno: 1205 } });
        holder.destroy();
        expect([2, 3]).toContain(tries);
      }),
    );

    it(
      'for long it is waited for by migrations alone',
      begun(async ({ database: { writer } }) => {
        const slow = 'DO SLEEP(11)';
        const patient = writer.createQueryRunner();
        liftStatementLimit(patient);

        await Promise.all([
          expect(writer.query(slow)).rejects.toMatchObject(TOO_SLOW),
          expect(patient.query(slow)).resolves.toBeDefined(),
        ]);
        await patient.release();
      }),
    );

    /** The first wait ends with the server's refusal; then the other session lets go. */
    function heldFor(statement: string): (world: World) => Promise<void> {
      return async ({ database: own, unitOfWork: work, url: at }) => {
        await work.run((tx) => insert(tx, 'contested'));
        const holder = await createConnection({ uri: at });
        await holder.query('START TRANSACTION');
        await holder.query(statement);
        let tries = 0;

        await work.run(async (tx) => {
          tries += 1;
          await increment(tx).catch(async (error: unknown) => {
            holder.destroy();
            throw error;
          });
        });

        expect(tries).toBe(2);
        expect(await own.manager.findOneBy(GuardEntity, { name: 'contested' })).toMatchObject({ version: 1 });
      };
    }
  });
});
