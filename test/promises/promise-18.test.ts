import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { databaseConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { GuardEntity } from '../../src/database/guard.entity.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { describeWithGalera, type Galera, type GaleraNode, startGalera } from '../support/galera.js';
import { HubFolder } from '../support/hub-process.js';
import { openDatabase } from '../support/open-database.js';
import { DatabaseWindow } from '../token/database-window.js';
import { RefreshLoad } from './refresh-load.js';
import { Replica, until } from './replica.js';
import { RotatingProvider } from './rotating-provider.js';
import { Readers, Writers } from '../database/load.js';

const rotated = (nodes: readonly GaleraNode[], by: number): GaleraNode[] => [...nodes.slice(by), ...nodes.slice(0, by)];

const TOKENS = 6;

/** A member may find that another one was at the same row. */
async function insist(write: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if ((error as { errno?: number }).errno !== 1213) throw error;
    }
  }
}

/** Asks one member alone, once it has all that the others have. */
async function namesOn(node: GaleraNode, database: string): Promise<Set<string>> {
  const rows = await node.query<{ name: string }>(
    `SET STATEMENT wsrep_sync_wait = 1 FOR SELECT name FROM ${database}.guard`,
  );
  return new Set(rows.map(({ name }) => name));
}

describeWithGalera('promise 18: a Galera cluster of three', () => {
  let galera: Galera;
  let database: string;

  /** Three hubs, each of which prefers another member. */
  const openHubs = (): Promise<Database[]> =>
    Promise.all([0, 1, 2].map((by) => openDatabase(galera.urlOf(database, rotated(galera.nodes, by)))));

  beforeAll(async () => {
    galera = await startGalera();
    database = await galera.createDatabase();
  });
  afterAll(() => galera.remove());

  it('is migrated by three hubs that start at once, and each uses the member that it prefers', async () => {
    const hubs = await openHubs();

    const ports = await Promise.all(
      hubs.map((hub) => hub.manager.query<object[]>('SELECT @@port AS port, @@wsrep_sync_wait AS waits')),
    );

    expect(ports.flat()).toEqual(galera.nodes.map(({ port }) => ({ port: String(port), waits: '1' })));
  });

  it('shows on each member what another has just acknowledged', async () => {
    const [one, two, three] = (await openHubs()) as [Database, Database, Database];
    const work = new UnitOfWork(one);

    for (let index = 0; index < 100; index += 1) {
      const row = { name: `seen-${index}`, version: index };
      await work.run((tx) => tx.manager.insert(GuardEntity, row));
      const found = await Promise.all(
        [two, three].map((hub) => hub.manager.findOneBy(GuardEntity, { name: row.name })),
      );
      expect(found).toEqual([row, row]);
    }
  });

  it('counts up one row from all members without losing a step', async () => {
    const hubs = await openHubs();
    const works = hubs.map((hub) => new UnitOfWork(hub));
    await works[0]?.run((tx) => tx.manager.insert(GuardEntity, { name: 'counter', version: 0 }));
    let runs = 0;

    for (let round = 0; round < 10; round += 1) {
      await Promise.all(
        works.map((work) =>
          work.run((tx) => {
            runs += 1;
            return tx.manager.increment(GuardEntity, { name: 'counter' }, 'version', 1);
          }),
        ),
      );
    }

    expect(await hubs[1]?.manager.findOneBy(GuardEntity, { name: 'counter' })).toMatchObject({ version: 30 });
    // Otherwise no conflict has been tried here.
    expect(runs).toBeGreaterThan(30);
  });

  it.each(['kill', 'stop', 'freeze'] as const)(
    'loses no acknowledged write and fails no request over %s of a member under load, and when it comes back',
    async (way) => {
      const hubs = await openHubs();
      const readers = new Readers(hubs);
      const load = hubs.map((hub, index) => new Writers(new UnitOfWork(hub), `${way}-${index}`, 4));
      const someMore = (): Promise<unknown> => Promise.all(load.map((writers) => writers.acknowledgeMore(50)));
      const [, member] = galera.nodes as [GaleraNode, GaleraNode];

      await someMore();
      await member[way]();
      await someMore();
      if (way === 'freeze') await member.kill();
      await member.start();
      await someMore();
      await Promise.all(load.map((writers) => writers.stop()));
      await readers.stop();

      expect([...load.flatMap(({ failures }) => failures), ...readers.failures]).toEqual([]);
      const [first = new Set(), ...others] = await Promise.all(galera.nodes.map((node) => namesOn(node, database)));
      expect(load.flatMap(({ acknowledged }) => acknowledged).filter((name) => !first.has(name))).toEqual([]);
      // What was unclear, too, is on all members or on none.
      for (const names of others) expect(names).toEqual(first);
      // One for each writer that the member had, at most, and each time that it went.
      const unclear = load.map((writers) => writers.unclear.length);
      for (const count of unclear) expect(count).toBeLessThanOrEqual(way === 'freeze' ? 8 : 4);
    },
  );

  it('loses no token, spends no refresh token twice and fails no request that is repeated, over kill -9 of a member', async () => {
    const [folder, provider] = await Promise.all([HubFolder.make(), RotatingProvider.start('ROTATING')]);
    const [first, member] = galera.nodes as [GaleraNode, GaleraNode];
    const rows = new DatabaseWindow(`${first.url}/${database}`);
    const hubs: Replica[] = [];
    // The first of them prefers the member that is killed.
    for (const by of [1, 2]) {
      const url = galera.urlOf(database, rotated(galera.nodes, by));
      hubs.push(await new Replica(folder, url, `replica-${by}`).start());
    }
    const [one, other] = hubs as [Replica, Replica];
    const ids = await Promise.all(Array.from({ length: TOKENS }, () => one.connect(provider)));
    const due = await Promise.all([1, 2].map(() => one.connect(provider)));
    const makeDue = (id: string): Promise<void> =>
      insist(() => rows.setLifetimeLeft(id, 60_000).then(() => rows.makeDue(id)));
    const loads = ids.map((id, index) => new RefreshLoad(index % 2 === 0 ? [one, other] : [other, one], id));
    const someMore = async (): Promise<void> => {
      const before = await Promise.all(due.map((id) => rows.token(id)));
      await Promise.all([...loads.map((load) => load.refreshMore(2)), ...due.map(makeDue)]);
      const isRenewed = async (index: number): Promise<boolean> =>
        Number((await rows.token(due[index] ?? ''))['generation']) > Number(before[index]?.['generation']);
      for (const index of due.keys()) await until(() => isRenewed(index));
    };

    await someMore();
    await member.kill();
    await someMore();
    await member.start();
    await someMore();
    await Promise.all(loads.map((load) => load.stop()));

    expect(loads.flatMap(({ failures }) => failures)).toEqual([]);
    expect(new Set(provider.outcomes)).toEqual(new Set(['ISSUED']));
    expect(new Set(provider.sent).size).toBe(provider.sent.length);
    for (const id of [...ids, ...due]) {
      expect(await other.refresh(id)).toMatchObject({ token: { connectionState: 'CONNECTED' }, userErrors: [] });
      expect(await one.accessToken(id)).toEqual({ value: provider.accessToken, errors: [] });
    }
    await folder.remove();
    await provider.close();
  });

  it('is used without the member that refuses to serve', async () => {
    const [hub] = (await openHubs()) as [Database];
    const writers = new Writers(new UnitOfWork(hub), 'refused', 4);
    await writers.acknowledgeMore(20);
    const [first] = galera.nodes as [GaleraNode];

    await first.query("SET GLOBAL wsrep_reject_queries = 'ALL'");
    await writers.acknowledgeMore(20);
    const read = await hub.manager.query('SELECT @@port AS port');
    await writers.stop();
    await first.query("SET GLOBAL wsrep_reject_queries = 'NONE'");

    expect(writers.failures).toEqual([]);
    expect(read).not.toEqual([{ port: String(first.port) }]);
  });

  it('is opened with a member down, which is told, and refused with a member of another cluster', async () => {
    const [first, , third] = galera.nodes as [GaleraNode, GaleraNode, GaleraNode];
    const warnings: string[] = [];
    await third.stop();
    const hub = await Database.open(
      databaseConfig({ DATABASE_URL: galera.urlOf(database, [third, first]) }),
      (message) => warnings.push(message),
    );
    await expect(hub.manager.countBy(GuardEntity, { name: 'counter' })).resolves.toBe(1);
    await hub.close();
    await third.start();
    expect(warnings).toEqual([expect.stringMatching(`${third.port} of DATABASE_URL does not serve .*ECONNREFUSED`)]);

    const other = await startGalera(1);
    try {
      await other.nodes[0]?.createAccountOf(first);
      const url = galera.urlOf(database, [first, ...other.nodes]);
      await expect(openDatabase(url)).rejects.toMatchObject({
        exitCode: 78,
        message: expect.stringMatching('different clusters'),
      });
    } finally {
      await other.remove();
    }
  });
});
