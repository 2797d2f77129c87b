import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import type { DataSource } from 'typeorm';
import { databaseConfig } from '../../src/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import type { Database } from '../../src/database/database.js';
import { GuardEntity } from '../../src/database/guard.entity.js';
import { surviveLostConnections } from '../../src/database/mysql-failover.js';
import { type MysqlHost, MysqlHosts } from '../../src/database/mysql-hosts.js';
import { isUnavailable } from '../../src/database/unavailable.js';
import { type Transaction, UnitOfWork } from '../../src/database/unit-of-work.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { openDatabase } from '../support/open-database.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';

/** Tells which hosts were given up. */
class WatchedHosts extends MysqlHosts {
  readonly avoided: MysqlHost[] = [];

  override avoid(host: MysqlHost): void {
    this.avoided.push(host);
    super.avoid(host);
  }
}

describeWithMariaDb('a read that takes too long at one of several hosts', () => {
  let server: MariaDb;
  let hosts: WatchedHosts;
  let dataSource: DataSource;
  let sent: string[];

  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server.remove());

  beforeEach(async () => {
    const target = databaseConfig({ DATABASE_URL: `${server.url}/mysql` });
    if (target.kind !== 'mysql') throw new TypeError('MariaDB is expected');
    const [host] = target.hosts as [MysqlHost];
    hosts = new WatchedHosts([host, { ...host }]);
    dataSource = createDataSource(target, { hosts });
    surviveLostConnections(dataSource, hosts, undefined);
    await dataSource.initialize();
    sent = [];
    dataSource.logger = Object.assign(Object.create(dataSource.logger) as typeof dataSource.logger, {
      logQuery: (sql: string) => void sent.push(sql),
    });
  });
  afterEach(async () => {
    server.thaw();
    await dataSource.destroy();
  });

  it('does not count against the host where the server itself ended it', async () => {
    await dataSource.query('SET GLOBAL max_statement_time = 1');
    const limited = createDataSource(databaseConfig({ DATABASE_URL: `${server.url}/mysql` }), { hosts });
    surviveLostConnections(limited, hosts, undefined);
    await limited.initialize();
    const long = 'SELECT COUNT(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 b';

    await expect(limited.query(long)).rejects.toMatchObject({ driverError: { errno: 1969 } });

    const [status] = await dataSource.query("SHOW GLOBAL STATUS LIKE 'Max_statement_time_exceeded'");
    await limited.destroy();
    await dataSource.query('SET GLOBAL max_statement_time = 0');
    expect(status).toMatchObject({ Value: '1' });
    expect(hosts.avoided).toEqual([]);
  });

  it('does not count against the host, and is not sent again, where it answers others meanwhile', async () => {
    const long = 'SELECT SLEEP(15)';
    const reading = dataSource.query(long);
    const ended = reading.then(
      () => true,
      () => true,
    );
    while (!(await Promise.race([ended, sleep(500)]))) await dataSource.query('SELECT 1');

    await expect(reading).rejects.toMatchObject({ driverError: { code: 'STATEMENT_TOO_SLOW' } });
    expect(sent.filter((sql) => sql === long)).toHaveLength(1);
    expect(hosts.avoided).toEqual([]);
  });

  it('counts against the host that answers nobody, and is sent to the other one', async () => {
    await dataSource.query('SELECT 1');
    server.freeze();
    const reading = dataSource.query('SELECT 2');
    while (hosts.avoided.length === 0) await sleep(50);
    server.thaw();

    await expect(reading).resolves.toEqual([{ 2: 2 }]);
    expect(sent.filter((sql) => sql === 'SELECT 2')).toHaveLength(2);
  });
});

describeWithMariaDb('a server that takes no writes any more', () => {
  let servers: MariaDb[];
  let dataSource: DataSource;
  let runs: number;

  const asAdministrator = async (server: MariaDb | undefined, sql: string): Promise<unknown> => {
    const connection = await createConnection({ uri: server?.url ?? '' });
    const [rows] = await connection.query(sql);
    await connection.end();
    return rows;
  };
  const setReadOnly = (which: number, value: 'ON' | 'OFF'): Promise<unknown> =>
    asAdministrator(servers[which], `SET GLOBAL read_only = ${value}`);
  const storedAt = async (which: number): Promise<unknown> =>
    asAdministrator(servers[which], "SELECT name FROM hub.guard WHERE name LIKE 'row%'");
  /** Of an account for whom read_only holds. */
  const open = async (count: number): Promise<UnitOfWork> => {
    const addresses = servers.slice(0, count).map(({ port }) => `127.0.0.1:${port}`);
    const target = databaseConfig({ DATABASE_URL: `mysql://plain:plain@${addresses.join(',')}/hub` });
    if (target.kind !== 'mysql') throw new TypeError('MariaDB is expected');
    const hosts = new MysqlHosts(target.hosts);
    dataSource = createDataSource(target, { hosts });
    surviveLostConnections(dataSource, hosts, undefined);
    await dataSource.initialize();
    return new UnitOfWork({ dialect: 'mysql', writer: dataSource } as Database);
  };
  const insert = async (tx: Transaction): Promise<void> => {
    runs += 1;
    await tx.manager.insert(GuardEntity, { name: `row ${runs}`, version: 0 });
  };
  const portInUse = async (): Promise<number> => {
    const [row] = await dataSource.query<{ port: string }[]>('SELECT @@port AS port');
    return Number(row?.port);
  };

  beforeAll(async () => {
    servers = [await startMariaDb(), await startMariaDb()];
    for (const server of servers) {
      await asAdministrator(server, 'CREATE DATABASE hub CHARACTER SET utf8mb4');
      await asAdministrator(server, "CREATE USER 'plain'@'127.0.0.1' IDENTIFIED BY 'plain'");
      await asAdministrator(server, "GRANT ALL ON hub.* TO 'plain'@'127.0.0.1'");
      await openDatabase(`mysql://plain:plain@127.0.0.1:${server.port}/hub`);
    }
  });
  afterAll(async () => {
    for (const server of servers) await server.remove();
  });

  beforeEach(() => {
    runs = 0;
  });
  afterEach(async () => {
    await dataSource.destroy();
    for (const [index, server] of servers.entries()) {
      await setReadOnly(index, 'OFF');
      await asAdministrator(server, "DELETE FROM hub.guard WHERE name LIKE 'row%'");
    }
  });

  it('has a unit of work run again at another one', async () => {
    const unitOfWork = await open(2);
    await unitOfWork.run(insert);
    await setReadOnly(0, 'ON');

    await unitOfWork.run(insert);

    expect(runs).toBe(3);
    expect(await storedAt(0)).toEqual([{ name: 'row 1' }]);
    expect(await storedAt(1)).toEqual([{ name: 'row 3' }]);
  });

  it('has it run again likewise where only its COMMIT is refused, which is not unclear', async () => {
    const unitOfWork = await open(2);

    await unitOfWork.run(async (tx) => {
      await insert(tx);
      if (runs === 1) await setReadOnly(0, 'ON');
    });

    expect(await storedAt(0)).toEqual([]);
    expect(await storedAt(1)).toEqual([{ name: 'row 2' }]);
  });

  it('gets no new connections while another one takes writes', async () => {
    await setReadOnly(0, 'ON');
    const unitOfWork = await open(2);

    await unitOfWork.run(insert);

    expect(runs).toBe(1);
    expect(await portInUse()).toBe(servers[1]?.port);
  });

  it('is read from where none takes writes, which are told as such', async () => {
    const unitOfWork = await open(2);
    for (const index of servers.keys()) await setReadOnly(index, 'ON');

    const error: unknown = await unitOfWork.run(insert, { lostMs: 0 }).catch((refusal: unknown) => refusal);

    expect(isUnavailable(error)).toBe(true);
    expect(error).toMatchObject({ code: 'UNFIT_SERVER', cause: { driverError: { errno: 1290 } } });
    expect(servers.map(({ port }) => port)).toContain(await portInUse());
  });

  it('is told at once where it is the only one, and asked on a new connection, which may lead elsewhere', async () => {
    const unitOfWork = await open(1);
    const connectionOf = (rows: { id: number }[]): number | undefined => rows[0]?.id;
    const before = connectionOf(await dataSource.query('SELECT CONNECTION_ID() AS id'));
    await setReadOnly(0, 'ON');

    await expect(unitOfWork.run(insert)).rejects.toMatchObject({ driverError: { errno: 1290 } });

    expect(runs).toBe(1);
    expect(connectionOf(await dataSource.query('SELECT CONNECTION_ID() AS id'))).not.toBe(before);
  });
});
