import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { databaseConfig } from '../../src/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { surviveLostConnections } from '../../src/database/mysql-failover.js';
import { type MysqlHost, MysqlHosts } from '../../src/database/mysql-hosts.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
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
