import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { startMariaDb, type MariaDb } from './mariadb.js';
import { describeWithMariaDb } from './with-mariadb.js';

async function query(url: string, sql: string): Promise<unknown> {
  const connection = await createConnection({ uri: url });
  try {
    const [rows] = await connection.query(sql);
    return rows;
  } finally {
    await connection.end();
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Asks the port, not the process: where nobody reaps orphans a killed process stays listed. */
async function untilGone(url: string, directory: string): Promise<void> {
  const refusal = () =>
    query(url, 'SELECT 1').then(
      () => undefined,
      (error: { code?: string }) => error.code,
    );
  while (existsSync(directory) || (await refusal()) !== 'ECONNREFUSED') await delay(20);
}

describeWithMariaDb('a throwaway MariaDB', () => {
  let mariaDb: MariaDb;

  beforeAll(async () => {
    mariaDb = await startMariaDb();
    await query(mariaDb.url, 'CREATE DATABASE kept');
    await query(mariaDb.url, 'CREATE TABLE kept.mark (word VARCHAR(9))');
  });

  afterAll(() => mariaDb.remove());

  it('listens on loopback only and flushes every commit, as a real one does', async () => {
    const rows = await query(mariaDb.url, 'SELECT @@bind_address AS host, @@innodb_flush_log_at_trx_commit AS flush');

    expect(rows).toEqual([{ host: '127.0.0.1', flush: 1 }]);
  });

  it('lets nobody in without its password', async () => {
    const url = new URL(mariaDb.url);
    url.password = '';
    await expect(createConnection({ uri: url.href })).rejects.toThrow('Access denied');
    url.username = 'root';
    await expect(createConnection({ uri: url.href })).rejects.toThrow('Access denied');
  });

  it.each(['stop', 'kill'] as const)('keeps port and committed rows over %s and start', async (way) => {
    const { url, pid } = mariaDb;
    await query(url, `INSERT INTO kept.mark VALUES ('${way}')`);

    await mariaDb[way]();
    expect(mariaDb.pid).toBeUndefined();
    expect(isAlive(pid ?? 0)).toBe(false);
    await expect(createConnection({ uri: url })).rejects.toHaveProperty('code', 'ECONNREFUSED');
    await mariaDb.start();

    expect(mariaDb.url).toBe(url);
    expect(await query(url, `SELECT word FROM kept.mark WHERE word = '${way}'`)).toEqual([{ word: way }]);
  });

  it('restarts as another process', async () => {
    const { pid } = mariaDb;

    await mariaDb.restart();

    expect(mariaDb.pid).not.toBe(pid);
    await expect(query(mariaDb.url, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
  });

  it('says why it does not start', async () => {
    const other = await startMariaDb();
    await other.stop();
    const blocked = Object.defineProperty(other, 'port', { value: mariaDb.port });

    await expect(blocked.start()).rejects.toThrow(/did not start[^]*Address already in use/);

    await other.remove();
  });

  it('leaves no process and no file after remove', async () => {
    const other = await startMariaDb();
    const { pid, directory } = other;

    await other.remove();

    expect(isAlive(pid ?? 0)).toBe(false);
    expect(existsSync(directory)).toBe(false);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('ends when its parent ends by %s', async (signal) => {
    const script = `
      import { startMariaDb } from './test/support/mariadb.ts';
      const { url, directory } = await startMariaDb();
      console.log(JSON.stringify({ url, directory }));
      setInterval(() => {}, 1_000);`;
    const args = ['--import', '@swc-node/register/esm-register', '--input-type=module', '--eval', script];
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    const { url, directory } = JSON.parse(line) as { url: string; directory: string };
    await query(url, 'SELECT 1');

    const ended = once(parent, 'exit');
    parent.kill(signal);
    await ended;

    await untilGone(url, directory);
  });
});
