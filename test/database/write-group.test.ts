import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { isUniqueViolation } from '../../src/database/dialect.js';
import { GuardEntity } from '../../src/database/guard.entity.js';
import { isLostConnection } from '../../src/database/lost-connection.js';
import { UnclearCommitError } from '../../src/database/unclear-commit.error.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { WriteGroup, type WriteGroupOptions } from '../../src/database/write-group.js';
import { describeEachDatabase } from '../support/databases.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { freshDatabase, openDatabase } from '../support/open-database.js';
import { StatementWatch } from '../support/statement-watch.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';
import { CuttingProxy } from './cutting-proxy.js';

/** Counts each row that is written, so that one written twice is seen. */
const WRITTEN = 'written';

/** Writes a row for each name. */
class Writes {
  /** What was run together, each try. */
  readonly tries: string[][] = [];
  private holds: Promise<void> = Promise.resolve();
  private readonly group: WriteGroup<string, string>;

  private constructor(
    private readonly database: Database,
    options: WriteGroupOptions<string>,
  ) {
    const unitOfWork = new UnitOfWork(database);
    this.group = new WriteGroup(
      unitOfWork,
      async (tx, names) => {
        this.tries.push([...names]);
        await this.holds;
        await tx.manager.increment(GuardEntity, { name: WRITTEN }, 'version', names.length);
        await tx.manager.insert(
          GuardEntity,
          names.map((name) => ({ name, version: 0 })),
        );
        return names.map((name) => `${name} is stored`);
      },
      options,
    );
  }

  static async into(database: Database, options: WriteGroupOptions<string> = {}): Promise<Writes> {
    await database.writer.manager.insert(GuardEntity, { name: WRITTEN, version: 0 });
    return new Writes(database, options);
  }

  run(name: string): Promise<string> {
    return this.group.run(name);
  }

  /** What comes of each, in order. */
  outcomes(names: readonly string[]): Promise<PromiseSettledResult<string>[]> {
    return Promise.allSettled(names.map((name) => this.run(name)));
  }

  /** Holds up the commit of this name while `meanwhile` begins; its end is not waited for. */
  async duringCommitOf<T>(name: string, meanwhile: () => T): Promise<T> {
    let letGo = (): void => undefined;
    this.holds = new Promise((resolve) => (letGo = resolve));
    const held = this.run(name);
    while (this.tries.length === 0) await new Promise(setImmediate);
    const begun = meanwhile();
    letGo();
    expect(await held).toBe(`${name} is stored`);
    return begun;
  }

  async stored(): Promise<{ names: string[]; written: number | undefined }> {
    const rows = await this.database.manager.find(GuardEntity, { order: { name: 'ASC' } });
    return {
      names: rows.map(({ name }) => name).filter((name) => name !== WRITTEN),
      written: rows.find(({ name }) => name === WRITTEN)?.version,
    };
  }
}

describeEachDatabase('WriteGroup', (on) => {
  const given = async (options?: WriteGroupOptions<string>): Promise<Writes> =>
    Writes.into(await freshDatabase(on), options);
  const numbered = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => `item-${String(index).padStart(3, '0')}`);

  it('puts what comes while a commit is under way into the next one, and answers in order', async () => {
    const watch = StatementWatch.begin();
    const writes = await given().finally(() => watch.end());
    const names = numbered(50);
    let results: string[] = [];

    const statements = await watch.during(async () => {
      const later = await writes.duringCommitOf('first', () => ({
        done: Promise.all(names.map((n) => writes.run(n))),
      }));
      results = await later.done;
    });

    expect(results).toEqual(names.map((name) => `${name} is stored`));
    expect(writes.tries).toEqual([['first'], names]);
    expect(statements.filter((sql) => sql === 'COMMIT')).toHaveLength(2);
    expect(await writes.stored()).toEqual({ names: ['first', ...names], written: 51 });
  });

  it('puts what comes in the same moment into one commit', async () => {
    const writes = await given();

    await Promise.all(numbered(20).map((name) => writes.run(name)));

    expect(writes.tries).toEqual([numbered(20)]);
  });

  it('fails a bad item alone, writes the others once each, and goes on', async () => {
    const writes = await given();
    await writes.run('taken');

    const outcomes = await writes.outcomes(['a', 'b', 'taken', 'c']);

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(isUniqueViolation((outcomes[2] as PromiseRejectedResult).reason)).toBe(true);
    expect(outcomes[3]).toMatchObject({ value: 'c is stored' });
    expect(await writes.stored()).toEqual({ names: ['a', 'b', 'c', 'taken'], written: 4 });

    await expect(writes.run('taken')).rejects.toThrow();
    await expect(Promise.all([writes.run('d'), writes.run('e')])).resolves.toEqual(['d is stored', 'e is stored']);
    expect(await writes.stored()).toEqual({ names: ['a', 'b', 'c', 'd', 'e', 'taken'], written: 6 });
  });

  it('writes one of two that exclude each other', async () => {
    const writes = await given();

    const outcomes = await writes.outcomes(['same', 'other', 'same']);

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(await writes.stored()).toEqual({ names: ['other', 'same'], written: 2 });
  });

  it('splits groups by how much text they bring; one that brings too much goes alone', async () => {
    const textOf = (name: string): number => (name === 'huge' ? 5_000_000 : 400_000);
    const writes = await given({ textOf });

    await Promise.all(['a', 'b', 'c', 'huge', 'd', 'e'].map((name) => writes.run(name)));

    expect(writes.tries).toEqual([['a', 'b'], ['c'], ['huge'], ['d', 'e']]);
    expect(await writes.stored()).toMatchObject({ names: ['a', 'b', 'c', 'd', 'e', 'huge'], written: 6 });
  });

  it('fails one alone whose text cannot be told, and goes on', async () => {
    const textOf = (name: string): number => {
      if (name === 'bad') throw new TypeError('no text');
      return name.length;
    };
    const writes = await given({ textOf });

    const outcomes = await writes.outcomes(['a', 'bad', 'b']);

    expect(outcomes).toMatchObject([
      { value: 'a is stored' },
      { reason: { message: 'no text' } },
      { status: 'fulfilled' },
    ]);
    await expect(writes.run('later')).resolves.toBe('later is stored');
  });

  it('is refused within a unit of work, whose end it would wait for', async () => {
    const database = await freshDatabase(on);
    const unitOfWork = new UnitOfWork(database);
    const group = new WriteGroup<string, string>(unitOfWork, async (_tx, names) => names);

    const outside = group.run('outside');
    const inside = unitOfWork.run(() => group.run('inside'));

    await expect(inside).rejects.toThrow('already open');
    await expect(outside).resolves.toBe('outside');
  });

  it('splits groups by how many they are', async () => {
    const writes = await given();

    const results = await Promise.all(numbered(450).map((name) => writes.run(name)));

    expect(writes.tries.map(({ length }) => length)).toEqual([200, 200, 50]);
    expect(results).toEqual(numbered(450).map((name) => `${name} is stored`));
    expect(await writes.stored()).toEqual({ names: numbered(450), written: 450 });
  });
});

describeWithMariaDb('WriteGroup when the connection is lost', () => {
  let server: MariaDb;
  let proxy: CuttingProxy;
  let writes: Writes;

  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server.remove());

  beforeEach(async () => {
    proxy = await CuttingProxy.ofNewDatabase(server.url);
    writes = await Writes.into(await openDatabase(proxy.url), { lostMs: 0 });
  });
  afterEach(() => proxy.close());

  it.each([
    ['happened', 'after', { names: ['a', 'b', 'c'], written: 3 }],
    ['did not happen', 'before', { names: [], written: 0 }],
  ] as const)('in a commit that %s, all fail and none is run again', async (_what, moment, stored) => {
    proxy.cutAt('COMMIT', moment);

    const outcomes = await writes.outcomes(['a', 'b', 'c']);

    expect(outcomes).toEqual(Array(3).fill({ status: 'rejected', reason: expect.any(UnclearCommitError) }));
    expect(writes.tries).toEqual([['a', 'b', 'c']]);
    expect(await writes.stored()).toEqual(stored);
    await expect(writes.run('later')).resolves.toBe('later is stored');
  });

  it('before the commit, all are told at once where that is asked for', async () => {
    proxy.cutAt('INSERT', 'before');

    const outcomes = await writes.outcomes(['a', 'b', 'c']);

    const reasons = outcomes.map((each) => (each as PromiseRejectedResult).reason as unknown);
    expect(reasons.map((reason) => isLostConnection(reason))).toEqual([true, true, true]);
    expect(writes.tries).toEqual([['a', 'b', 'c']]);
    expect(await writes.stored()).toEqual({ names: [], written: 0 });
    await expect(writes.run('later')).resolves.toBe('later is stored');
  });
});
