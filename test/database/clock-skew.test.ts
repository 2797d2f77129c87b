import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { databaseConfig } from '../../src/config.js';
import { DatabaseClock } from '../../src/database/clock.js';
import { ClockSkewWatch } from '../../src/database/clock-skew.js';
import { createLog } from '../../src/log.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { openDatabase } from '../support/open-database.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';

const ACCOUNT = { user: 'asker', password: 'a-password' };

describeWithMariaDb('the clocks of several hosts in DATABASE_URL', () => {
  let one: MariaDb;
  let other: MariaDb;
  let log: string[];

  const statement = async ({ url }: MariaDb, sql: string): Promise<void> => {
    const connection = await createConnection({ uri: url });
    await connection.query(sql);
    await connection.end();
  };
  /** For the account that asks. */
  const setAhead = (server: MariaDb, seconds: number): Promise<void> =>
    statement(server, `SET GLOBAL init_connect = 'SET timestamp = UNIX_TIMESTAMP(NOW(6)) + ${seconds}'`);

  const watch = async (hosts: string): Promise<ClockSkewWatch> => {
    const clock = await DatabaseClock.start(await openDatabase(`${one.url}/hub`));
    clock.stop();
    const target = databaseConfig({ DATABASE_URL: `mysql://${ACCOUNT.user}:${ACCOUNT.password}@${hosts}/hub` });
    return new ClockSkewWatch(clock, target, createLog('info', { write: (line: string) => log.push(line) }));
  };
  const hostsOf = (...servers: MariaDb[]): string => servers.map(({ port }) => `127.0.0.1:${port}`).join(',');

  beforeAll(async () => {
    one = await startMariaDb();
    other = await startMariaDb();
    await statement(one, 'CREATE DATABASE hub CHARACTER SET utf8mb4');
    for (const server of [one, other])
      await statement(server, `CREATE USER ${ACCOUNT.user} IDENTIFIED BY '${ACCOUNT.password}'`);
  });
  afterAll(() => Promise.all([one.remove(), other.remove()]));
  beforeEach(async () => {
    log = [];
    await setAhead(other, 0);
  });

  it('are compared, and told of once when they are more than a second apart, and when they agree again', async () => {
    const skew = await watch(hostsOf(one, other));
    await skew.compare();
    expect([skew.warnings(), log]).toEqual([[], []]);

    await setAhead(other, 30);
    await skew.compare();
    await skew.compare();
    expect(Math.round(skew.skews().databaseHosts ?? NaN)).toBe(30);
    expect(skew.warnings()).toEqual([
      expect.stringMatching(/^the clocks of the database hosts are [23]\d\.\d s apart/),
    ]);
    expect(log).toEqual([expect.stringContaining('clocks differ that should agree')]);

    await setAhead(other, 0);
    await skew.compare();
    expect(skew.warnings()).toEqual([]);
    expect(log).toEqual([expect.anything(), expect.stringContaining('the clocks agree again')]);
  });

  it('that do not answer are left out', async () => {
    const skew = await watch(`${hostsOf(one)},127.0.0.1:1`);
    await skew.compare();

    expect(skew.skews().databaseHosts).toBe(0);
    expect(skew.warnings()).toEqual([]);
  });

  it('are none where there is one host', async () => {
    const skew = await watch(hostsOf(one));
    await skew.compare();

    expect(skew.skews().databaseHosts).toBeNull();
  });
});
