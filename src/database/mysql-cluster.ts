import { createConnection } from 'mysql2/promise';
import { StartupError } from '../errors.js';
import type { MysqlHost, MysqlHosts } from './mysql-hosts.js';
import type { MysqlTarget } from './target.js';

const ASK_LIMIT_MS = 5_000;

/** What a server says of its part in a Galera cluster. */
export interface Membership {
  readonly clusterUuid: string;
  /** Whether it serves: it has caught up, and is on the side with the majority. */
  readonly isReady: boolean;
}

/** Sends one statement and gives its rows. */
export type Ask = (sql: string) => Promise<unknown>;

/** @returns undefined for a server without Galera */
export async function readMembership(ask: Ask): Promise<Membership | undefined> {
  const names = ['wsrep_cluster_state_uuid', 'wsrep_provider_name', 'wsrep_ready'];
  const list = names.map((name) => `'${name}'`).join(', ');
  const rows = (await ask(`SHOW GLOBAL STATUS WHERE Variable_name IN (${list})`)) as Record<string, string>[];
  const status = new Map(rows.map(({ Variable_name: name, Value: value }) => [name?.toLowerCase(), value]));
  if (!status.get('wsrep_provider_name')) return undefined;
  return {
    clusterUuid: status.get('wsrep_cluster_state_uuid') ?? '',
    isReady: status.get('wsrep_ready') === 'ON',
  };
}

/**
 * Asks each of several hosts for its cluster. Those that do not serve now are named to `warn` and avoided at first.
 *
 * @returns the cluster that all hosts which answered belong to; undefined where DATABASE_URL names one host
 * @throws StartupError when a host belongs to no cluster or to another, and when none serves
 */
export async function findCluster(
  target: MysqlTarget,
  hosts: MysqlHosts,
  warn: (message: string) => void,
): Promise<string | undefined> {
  if (target.hosts.length === 1) return undefined;
  const answers = await Promise.all(target.hosts.map((host) => examine(target, host)));
  const serving = answers.filter((answer) => answer.clusterUuid !== undefined);
  const others = answers.filter((answer) => answer.clusterUuid === undefined);
  const [first] = serving;
  if (!first) throw noneServes(others);
  const stranger = serving.find(({ clusterUuid }) => clusterUuid !== first.clusterUuid);
  if (stranger) throw severalClusters(first.host, stranger.host);
  for (const { host, problem } of others) {
    hosts.avoid(host);
    warn(`${nameOf(host)} of DATABASE_URL does not serve now (${problem}); the other hosts are used.`);
  }
  return first.clusterUuid;
}

interface Answer {
  host: MysqlHost;
  /** Undefined: it does not serve now. */
  clusterUuid?: string;
  problem?: string;
}

/** @throws StartupError when the server belongs to no cluster */
async function examine(target: MysqlTarget, host: MysqlHost): Promise<Answer> {
  let membership: Membership | undefined;
  try {
    membership = await askHost(target, host, readMembership);
  } catch (error) {
    const { code } = error as { code?: unknown };
    return { host, problem: typeof code === 'string' ? code : 'no reason given' };
  }
  if (!membership) throw noMember(host);
  if (membership.isReady) return { host, clusterUuid: membership.clusterUuid };
  return { host, problem: 'it has not joined its cluster, or lost the majority' };
}

/** Asks one host on a connection of its own. */
export async function askHost<T>(target: MysqlTarget, host: MysqlHost, question: (ask: Ask) => Promise<T>): Promise<T> {
  const connection = await createConnection({
    host: host.host,
    port: host.port,
    user: target.user,
    ...(target.password ? { password: target.password.reveal() } : {}),
    connectTimeout: ASK_LIMIT_MS,
  });
  try {
    return await question(async (sql) => (await connection.query({ sql, timeout: ASK_LIMIT_MS }))[0]);
  } finally {
    connection.destroy();
  }
}

export function nameOf({ host, port }: MysqlHost): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function noneServes(answers: readonly Answer[]): StartupError {
  const reasons = answers.map(({ host, problem }) => `${nameOf(host)} (${problem})`).join(', ');
  return new StartupError(`None of the hosts of DATABASE_URL serves: ${reasons}.`, 69);
}

function noMember(host: MysqlHost): StartupError {
  return new StartupError(
    `${nameOf(host)} of DATABASE_URL is no member of a Galera cluster. ` +
      'Several hosts must be members of one: name one host, or the members of one cluster only.',
  );
}

function severalClusters(first: MysqlHost, other: MysqlHost): StartupError {
  return new StartupError(
    `${nameOf(first)} and ${nameOf(other)} of DATABASE_URL belong to different clusters, so that each would have ` +
      'a part of the data. Name the members of one cluster only.',
  );
}
