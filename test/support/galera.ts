import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { describeWith } from './describe-with.js';
import { findMariaDb, freePorts, MariaDb } from './mariadb.js';

const JOIN_LIMIT_MS = 60_000;
const PROVIDER_FOLDERS = ['/usr/lib/galera', '/usr/lib64/galera-4', '/usr/lib64/galera', '/usr/local/lib/galera'];
const RSYNC_FOLDERS = ['/usr/bin', '/usr/local/bin'];

/** A member that is gone is voted out after two seconds instead of five. */
const PROVIDER_OPTIONS = [
  'gcache.size=8M',
  'evs.keepalive_period=PT0.3S',
  'evs.inactive_check_period=PT0.2S',
  'evs.suspect_timeout=PT2S',
  'evs.inactive_timeout=PT5S',
  'evs.install_timeout=PT5S',
];

/** For SQL, the group, and the transfer of missed writes and of everything. */
const PORTS_OF_A_MEMBER = 4;

interface Programs {
  mariadbd: string;
  installer: string;
  provider: string;
}

/** What a cluster needs here, or undefined where something of it is not installed. */
export function findGalera(): Programs | undefined {
  const mariadbd = findMariaDb();
  const provider = first(PROVIDER_FOLDERS.map((folder) => join(folder, 'libgalera_smm.so')));
  const rsync = first(RSYNC_FOLDERS.map((folder) => join(folder, 'rsync')));
  if (!mariadbd || !provider || !rsync) return undefined;
  const beside = [dirname(mariadbd), '/usr/bin', '/usr/local/bin'];
  const installer = first(beside.map((folder) => join(folder, 'mariadb-install-db')));
  return installer ? { mariadbd, installer, provider } : undefined;
}

/** For tests that start members of their own. */
export function describeWithGalera(name: string, block: () => void): void {
  describeWith(
    {
      what: 'Galera',
      isThere: findGalera() !== undefined,
      remedy: 'Install mariadb-server, galera-4 and rsync',
      requiredBy: 'HUB_TEST_REQUIRE_MYSQL',
    },
    name,
    block,
  );
}

/** Starts members one after the other, on 127.0.0.1, with data and ports of their own. */
export async function startGalera(members = 3): Promise<Galera> {
  const programs = findGalera();
  if (!programs) throw new Error('Galera not found: install mariadb-server, galera-4 and rsync.');
  const name = `hub-${randomBytes(4).toString('hex')}`;
  const all = await freePorts(members * PORTS_OF_A_MEMBER);
  const ports = Array.from({ length: members }, () => all.splice(0, PORTS_OF_A_MEMBER));
  const addresses = ports.map(([, group]) => `127.0.0.1:${group}`);
  const galera = new Galera();
  try {
    for (const own of ports) {
      const directory = await mkdtemp(join(tmpdir(), 'hub-galera-'));
      const node = new GaleraNode(programs, directory, own, { name, addresses, first: galera.nodes[0] });
      galera.nodes.push(node);
      await node.found();
    }
  } catch (error) {
    await galera.remove();
    throw error;
  }
  return galera;
}

/** One cluster; each member can be killed and restarted by itself. */
export class Galera {
  readonly nodes: GaleraNode[] = [];

  /** Name of a database that nobody has used yet. */
  async createDatabase(): Promise<string> {
    const name = `hub_test_${randomBytes(8).toString('hex')}`;
    await this.nodes[0]?.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
    return name;
  }

  /** DATABASE_URL with members of this cluster, the preferred one first. */
  urlOf(database: string, members: readonly GaleraNode[] = this.nodes): string {
    const { username, password } = new URL(this.nodes[0]?.url ?? '');
    const hosts = members.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return `mysql://${username}:${password}@${hosts}/${database}`;
  }

  async remove(): Promise<void> {
    await Promise.all(this.nodes.splice(0).map((node) => node.remove()));
  }
}

interface Cluster {
  name: string;
  addresses: readonly string[];
  /** The member that made the cluster; undefined for itself. */
  first: GaleraNode | undefined;
}

/** A MariaDB whose program is a script that adds what a member of a cluster needs. */
export class GaleraNode extends MariaDb {
  private readonly script: string;

  constructor(
    private readonly programs: Programs,
    directory: string,
    private readonly ports: readonly number[],
    private readonly cluster: Cluster,
  ) {
    const script = join(directory, 'mariadbd');
    super(script, directory, ports[0] ?? 0);
    this.script = script;
  }

  /** The accounts are those of the first member: the others take over all its data. */
  override get url(): string {
    const url = new URL(this.cluster.first?.url ?? super.url);
    url.port = String(this.port);
    return url.href;
  }

  /** Makes the data directory, and the cluster or the way into it. */
  async found(): Promise<void> {
    await this.writeScript(this.cluster.first ? [] : ['--wsrep-new-cluster']);
    await this.install(this.programs.installer);
    if (this.cluster.first) await writeFile(join(this.directory, 'init.sql'), 'SELECT 1;\n');
    await this.start();
    await this.writeScript([]);
  }

  /** Comes back once it has caught up with the others. */
  override async start(): Promise<void> {
    await super.start();
    const deadline = Date.now() + JOIN_LIMIT_MS;
    for (;;) {
      // A member may close connections while it takes over the data of another.
      const state = await this.status('wsrep_local_state_comment').catch((error: Error) => error.message);
      if (state === 'Synced') return;
      if (Date.now() > deadline) {
        const log = await readFile(join(this.directory, 'server.log'), 'utf8');
        throw new Error(`A member did not catch up with its cluster (${state}). Its log:\n${log.slice(-4_000)}`);
      }
      await delay(50);
    }
  }

  async status(name: string): Promise<string | undefined> {
    const rows = await this.query<{ Value: string }>(`SHOW GLOBAL STATUS LIKE '${name}'`);
    return rows[0]?.Value;
  }

  async query<T>(sql: string): Promise<T[]> {
    const connection = await createConnection({ uri: this.url });
    try {
      return (await connection.query(sql))[0] as T[];
    } finally {
      await connection.end();
    }
  }

  /** So that the URL of a member of another cluster opens this one too. */
  async createAccountOf(other: GaleraNode): Promise<void> {
    const { username, password } = new URL(other.url);
    await this.query(`ALTER USER '${username}'@'127.0.0.1' IDENTIFIED BY '${password}'`);
  }

  private async writeScript(extra: readonly string[]): Promise<void> {
    const quoted = [...this.wsrepArguments(), ...extra].map((each) => `'${each}'`).join(' ');
    await writeFile(this.script, `#!/bin/sh\nexec ${this.programs.mariadbd} "$@" ${quoted}\n`);
    await chmod(this.script, 0o755);
  }

  private wsrepArguments(): string[] {
    const [, group, transfer, snapshot] = this.ports;
    const options = [
      `gmcast.listen_addr=tcp://127.0.0.1:${group}`,
      `ist.recv_addr=127.0.0.1:${transfer}`,
      ...PROVIDER_OPTIONS,
    ];
    return [
      '--binlog-format=ROW',
      '--innodb-autoinc-lock-mode=2',
      '--wsrep-on=ON',
      `--wsrep-provider=${this.programs.provider}`,
      `--wsrep-provider-options=${options.join(';')}`,
      `--wsrep-cluster-name=${this.cluster.name}`,
      `--wsrep-cluster-address=gcomm://${this.cluster.addresses.join(',')}`,
      `--wsrep-node-name=${this.port}`,
      `--wsrep-node-address=127.0.0.1:${group}`,
      '--wsrep-sst-method=rsync',
      `--wsrep-sst-receive-address=127.0.0.1:${snapshot}`,
    ];
  }
}

function first(paths: readonly string[]): string | undefined {
  return paths.find((path) => {
    try {
      accessSync(path, constants.R_OK);
      return true;
    } catch {
      return false;
    }
  });
}
