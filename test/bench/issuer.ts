import 'reflect-metadata';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { postForm } from '../issuer/oauth-caller.js';
import { basicOf, ThirdParties } from '../issuer/third-parties.js';
import { HubFolder } from '../support/hub-process.js';
import { findMariaDb, startMariaDb } from '../support/mariadb.js';
import { answersPerSecond, type LoadRequest } from './http-load.js';

/*
 * How many introspections and how many tokens by client_credentials a second the hub gives over HTTP, as ratios to
 * oidc-provider with its adapter in memory, which keeps nothing; and to a server that looks nothing up, for what can be
 * reached at all. Each server is a process of its own; they take turns, so that what else the machine does meets all of
 * them, and the median of the turns counts.
 */

const TURNS = 9;
const TURN_MS = Number(process.env['BENCH_SECONDS'] ?? '1') * 1000;
const CLIENTS = 16;
/** Of which the introspections of a turn ask in turn: the hub looks up once what many ask of in the same moment. */
const TOKENS = 200;
const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');
const OWN = 'grant_type=client_credentials';
const IDENTITY = { clientId: 'bench-client', secret: 'bench-client-secret-of-32-characters' };

interface Rates {
  introspections: number;
  tokens: number;
}

interface Server {
  label: string;
  introspectionUrl: string;
  issuing: LoadRequest[];
  turns: Rates[];
}

const folder = await HubFolder.make();
const mariaDb = findMariaDb() ? await startMariaDb() : undefined;
const provider = spawnServer('oidc-provider-server.ts', IDENTITY.clientId, IDENTITY.secret);
const bare = spawnServer('bare-server.ts');
try {
  const theirs = await oidcProvider();
  const others = [await bareServer(), await hub('the hub on SQLite', `sqlite:${join(folder.path, 'hub.sqlite')}`, '1')];
  if (mariaDb) others.push(await hub('the hub on MariaDB', await mysqlDatabase(mariaDb.url), '2'));
  else process.stdout.write('MariaDB is not installed: left out.\n');
  // The first turn of each warms up.
  for (let turn = 0; turn <= TURNS; turn += 1) for (const server of [theirs, ...others]) await takeTurn(server);
  const rates = tell(theirs);
  for (const server of others) {
    const { introspections, tokens } = tell(server);
    const ratios = [introspections / rates.introspections, tokens / rates.tokens].map((each) => each.toFixed(2));
    process.stdout.write(`  ratio: introspection ${ratios[0]}, issuing ${ratios[1]}\n`);
  }
} finally {
  provider.kill();
  bare.kill();
  await folder.remove();
  await mariaDb?.remove();
}

async function hub(label: string, databaseUrl: string, name: string): Promise<Server> {
  const spool = join(folder.path, `spool-${name}`);
  const { url } = await folder.start({ DATABASE_URL: databaseUrl, HUB_MASTER_KEY: MASTER_KEY, HUB_SPOOL_DIR: spool });
  const parties = await ThirdParties.open(databaseUrl);
  // As many as that takes: the hub gives so many tokens a minute to each, and no more.
  const clients = [];
  while (clients.length < CLIENTS) clients.push((await parties.client({ resourceServer: true })).basic);
  await parties.close();
  return serverOf(label, { token: `${url}/oauth/token`, introspection: `${url}/oauth/introspect` }, clients);
}

async function oidcProvider(): Promise<Server> {
  const url = await addressOf(provider);
  const urls = { token: `${url}/token`, introspection: `${url}/token/introspection` };
  return serverOf('oidc-provider, in memory', urls, [basicOf(IDENTITY.clientId, IDENTITY.secret)]);
}

async function bareServer(): Promise<Server> {
  const url = await addressOf(bare);
  const urls = { token: `${url}/token`, introspection: `${url}/introspect` };
  return serverOf('a server that looks nothing up', urls, [basicOf(IDENTITY.clientId, IDENTITY.secret)]);
}

function spawnServer(name: string, ...settings: string[]): ChildProcess {
  const program = join(import.meta.dirname, name);
  return spawn(process.execPath, [...process.execArgv, program, ...settings], { stdio: ['ignore', 'pipe', 'ignore'] });
}

function serverOf(
  label: string,
  urls: { token: string; introspection: string },
  clients: readonly Record<string, string>[],
): Server {
  const form = { url: urls.token, body: OWN, expected: '"access_token"' };
  const issuing = clients.map((headers) => ({ ...form, headers }));
  return { label, introspectionUrl: urls.introspection, issuing, turns: [] };
}

async function takeTurn(server: Server): Promise<void> {
  const introspections = await answersPerSecond(await introspectionsOf(server), TURN_MS);
  server.turns.push({ introspections, tokens: await answersPerSecond(server.issuing, TURN_MS) });
}

/** Of tokens that are minted for each turn: a store in memory keeps so many of them, and the newest. */
async function introspectionsOf({ introspectionUrl, issuing }: Server): Promise<LoadRequest[]> {
  // One resource server, as it would be.
  const headers = issuing[0]?.headers ?? {};
  const mint = async (_: unknown, index: number): Promise<LoadRequest> => {
    const { url, ...by } = issuing[index % issuing.length] as LoadRequest;
    const { body } = await postForm(url, by.body, by.headers);
    return { url: introspectionUrl, body: `token=${body.access_token}`, headers, expected: '"active":true' };
  };
  return Promise.all(Array.from({ length: TOKENS }, mint));
}

function tell({ label, turns }: Server): Rates {
  const medianOf = (name: keyof Rates): number => {
    const rates = turns.slice(1).map((turn) => turn[name]);
    return rates.sort((a, b) => a - b)[(TURNS - 1) / 2] ?? NaN;
  };
  const rates = { introspections: medianOf('introspections'), tokens: medianOf('tokens') };
  const { introspections, tokens } = rates;
  process.stdout.write(`${label}: ${introspections.toFixed(0)} introspections/s, ${tokens.toFixed(0)} tokens/s\n`);
  return rates;
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
