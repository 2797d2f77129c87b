import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { findMariaDb, startMariaDb } from '../support/mariadb.js';
import { claimTimes } from './claims.js';
import { engineRate } from './engine-rate.js';

/*
 * How many refreshes a second the engine sustains against a token endpoint on loopback, as a ratio to a bare loop of the
 * same HTTP calls in the same run; and what claiming due work costs with many tokens.
 */

const SIZES = (process.env['BENCH_SIZES'] ?? '1000,100000,1000000').split(',').map(Number);

const folder = await mkdtemp(join(tmpdir(), 'hub-bench-'));
const mariaDb = findMariaDb() ? await startMariaDb() : undefined;
try {
  await bench('SQLite', (name) => Promise.resolve(`sqlite:${join(folder, `${name}.sqlite`)}`));
  if (mariaDb) await bench('MariaDB', (name) => mysqlDatabase(mariaDb.url, name));
  else print('MariaDB is not installed: left out.');
} finally {
  await mariaDb?.remove();
  await rm(folder, { recursive: true, force: true });
}

async function bench(label: string, urlOf: (name: string) => Promise<string>): Promise<void> {
  const { bare, engine } = await engineRate(await urlOf('hub_bench_engine'));
  print(
    `${label}: engine ${engine.toFixed(0)} refreshes/s, bare loop ${bare.toFixed(0)} calls/s, ratio ${(engine / bare).toFixed(2)}`,
  );
  const later = await claimTimes(await urlOf('hub_bench_claims'), SIZES);
  printClaims(label, 'out of # tokens', later);
  const full = await claimTimes(await urlOf('hub_bench_full'), SIZES, 'AT_A_FULL_PROVIDER');
  printClaims(label, 'beside a full provider with # due tokens', full);
}

function printClaims(label: string, beside: string, times: readonly { size: number; ms: number }[]): void {
  for (const { size, ms } of times)
    print(`${label}: a claim of 16 ${beside.replace('#', String(size))} takes ${ms.toFixed(2)} ms (median)`);
  const [smallest, largest] = [times[0]?.ms ?? NaN, times.at(-1)?.ms ?? NaN];
  print(`${label}: the largest costs ${(largest / smallest).toFixed(2)} times the smallest`);
}

async function mysqlDatabase(serverUrl: string, name: string): Promise<string> {
  const connection = await createConnection({ uri: serverUrl });
  await connection.query(`CREATE DATABASE ${name}`);
  await connection.end();
  return `${serverUrl}/${name}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
