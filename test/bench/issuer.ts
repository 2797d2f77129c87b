import 'reflect-metadata';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { postForm } from '../issuer/oauth-caller.js';
import { basicOf, ThirdParties } from '../issuer/third-parties.js';
import { HubFolder } from '../support/hub-process.js';
import { findMariaDb, startMariaDb } from '../support/mariadb.js';
import { answersPerSecond, AT_ONCE } from './http-load.js';

/*
 * How many introspections and how many tokens by client_credentials a second the hub gives over HTTP, as ratios to
 * oidc-provider with its adapter in memory, which keeps nothing. Each server is a process of its own.
 */

const RUN_MS = Number(process.env['BENCH_SECONDS'] ?? '5') * 1000;
const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');
const OWN = 'grant_type=client_credentials';
const IDENTITY = { clientId: 'bench-client', secret: 'bench-client-secret-of-32-characters' };

interface Rates {
  introspections: number;
  tokens: number;
}

const folder = await HubFolder.make();
const mariaDb = findMariaDb() ? await startMariaDb() : undefined;
try {
  const theirs = await ratesOfOidcProvider();
  print('oidc-provider, in memory', theirs);
  await compare('the hub on SQLite', `sqlite:${join(folder.path, 'hub.sqlite')}`, theirs);
  if (mariaDb) await compare('the hub on MariaDB', await mysqlDatabase(mariaDb.url), theirs);
  else process.stdout.write('MariaDB is not installed: left out.\n');
} finally {
  await folder.remove();
  await mariaDb?.remove();
}

async function compare(label: string, databaseUrl: string, theirs: Rates): Promise<void> {
  const rates = await ratesOfHub(databaseUrl);
  print(label, rates);
  const [introspections, tokens] = [rates.introspections / theirs.introspections, rates.tokens / theirs.tokens];
  process.stdout.write(`  ratio: introspection ${introspections.toFixed(2)}, issuing ${tokens.toFixed(2)}\n`);
}

async function ratesOfHub(databaseUrl: string): Promise<Rates> {
  const spool = join(folder.path, 'spool');
  const hub = await folder.start({ DATABASE_URL: databaseUrl, HUB_MASTER_KEY: MASTER_KEY, HUB_SPOOL_DIR: spool });
  const parties = await ThirdParties.open(databaseUrl);
  // One for each connection: the hub gives so many tokens a minute to each, and no more.
  const clients = [];
  while (clients.length < AT_ONCE) clients.push(await parties.client({ resourceServer: true }));
  const paths = { token: '/oauth/token', introspection: '/oauth/introspect' };
  const rates = await ratesOf(
    hub.url,
    paths,
    clients.map(({ basic }) => basic),
  );
  await parties.close();
  await hub.end();
  return rates;
}

async function ratesOfOidcProvider(): Promise<Rates> {
  const program = join(import.meta.dirname, 'oidc-provider-server.ts');
  const child = spawn(process.execPath, [...process.execArgv, program, IDENTITY.clientId, IDENTITY.secret], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const paths = { token: '/token', introspection: '/token/introspection' };
    return await ratesOf(await addressOf(child), paths, [basicOf(IDENTITY.clientId, IDENTITY.secret)]);
  } finally {
    child.kill();
  }
}

/** The first run of each warms up. */
async function ratesOf(
  url: string,
  paths: { token: string; introspection: string },
  clients: readonly Record<string, string>[],
): Promise<Rates> {
  const { body } = await postForm(url + paths.token, OWN, clients[0]);
  const issuing = clients.map((headers) => ({ url: url + paths.token, headers, body: OWN }));
  const asked = { url: url + paths.introspection, body: `token=${body.access_token}` };
  const introspection = clients.map((headers) => ({ ...asked, headers }));
  await answersPerSecond(introspection, RUN_MS / 2);
  const introspections = await answersPerSecond(introspection, RUN_MS);
  await answersPerSecond(issuing, RUN_MS / 2);
  return { introspections, tokens: await answersPerSecond(issuing, RUN_MS) };
}

async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error('The process has no output');
  const [line] = (await once(stdout, 'data')) as [Buffer];
  return `http://127.0.0.1:${/listening on (\d+)/.exec(line.toString())?.[1]}`;
}

async function mysqlDatabase(serverUrl: string): Promise<string> {
  const connection = await createConnection({ uri: serverUrl });
  await connection.query('CREATE DATABASE hub_bench_issuer');
  await connection.end();
  return `${serverUrl}/hub_bench_issuer`;
}

function print(label: string, { introspections, tokens }: Rates): void {
  process.stdout.write(`${label}: ${introspections.toFixed(0)} introspections/s, ${tokens.toFixed(0)} tokens/s\n`);
}
