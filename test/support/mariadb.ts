import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, closeSync, constants, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';

const run = promisify(execFile);
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 30_000;
const FALLBACK_FOLDERS = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin'];

/** Kills the server and removes its files once standard input ends, that is: when its parent ends, by whatever signal. */
const WATCHDOG = 'cat >/dev/null; kill -9 "$(cat "$1/pid")"; rm -rf "$1" || { sleep 1; rm -rf "$1"; }';

/** Path of `mariadbd`, or undefined where MariaDB is not installed. */
export function findMariaDb(): string | undefined {
  return findProgram('mariadbd');
}

/** Starts a MariaDB that nothing else uses: own data, own port on 127.0.0.1, own password, no file of /etc read. */
export async function startMariaDb(): Promise<MariaDb> {
  const program = findProgram('mariadbd');
  const installer = findProgram('mariadb-install-db');
  if (!program || !installer) throw new Error('MariaDB not found: install mariadb-server.');
  const directory = await mkdtemp(join(tmpdir(), 'hub-mariadb-'));
  const [port = 0] = await freePorts(1);
  const mariaDb = new MariaDb(program, directory, port);
  try {
    await mariaDb.install(installer);
    await mariaDb.start();
  } catch (error) {
    await mariaDb.remove();
    throw error;
  }
  return mariaDb;
}

/** One server on one data directory and one port, both kept across `stop`, `kill` and `start`; gone with this process. */
export class MariaDb {
  readonly #password = randomBytes(16).toString('hex');
  readonly #watchdog: ChildProcess;
  #server: ChildProcess | undefined;

  constructor(
    private readonly program: string,
    readonly directory: string,
    readonly port: number,
  ) {
    this.#watchdog = spawn('sh', ['-c', WATCHDOG, 'sh', directory], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#watchdog.unref();
  }

  /** Administrator's URL without a database name. */
  get url(): string {
    return `mysql://hub:${this.#password}@127.0.0.1:${this.port}`;
  }

  /** Process id while the server runs. */
  get pid(): number | undefined {
    return this.#server?.pid;
  }

  /** Creates the data directory; once, before the first `start`. */
  async install(installer: string): Promise<void> {
    const account = `'hub'@'127.0.0.1'`;
    const statements = [
      `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY '${this.#password}';`,
      `GRANT ALL PRIVILEGES ON *.* TO ${account} WITH GRANT OPTION;`,
    ];
    await writeFile(join(this.directory, 'init.sql'), `${statements.join('\n')}\n`, { mode: 0o600 });
    if (isRoot()) await run('chown', ['-R', 'mysql', this.directory]);
    await run(installer, [...this.commonArguments(), '--auth-root-authentication-method=socket', '--skip-test-db']);
  }

  /** @throws with the end of the server's log when it does not come up. */
  async start(): Promise<void> {
    if (this.#server) throw new Error('This MariaDB is running already; stop it first.');
    const log = openSync(join(this.directory, 'server.log'), 'a');
    const server = spawn(this.program, this.serverArguments(), { detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    server.unref();
    this.#server = server;
    await once(server, 'spawn');
    await writeFile(join(this.directory, 'pid'), String(server.pid));
    await this.untilReady(server);
  }

  /** Orderly shutdown; the data stays. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** What a crash does: no flush, no goodbye; the data stays. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** It stands still, with all its connections open, and the system goes on taking connections for it. */
  freeze(): void {
    this.#server?.kill('SIGSTOP');
    if (this.#server?.pid !== undefined) awaitStopped(this.#server.pid);
  }

  thaw(): void {
    this.#server?.kill('SIGCONT');
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Stops the server and deletes its data. */
  async remove(): Promise<void> {
    await this.stop();
    const gone = once(this.#watchdog, 'exit');
    // Unreferenced until now; if nothing else were left to do, the run would end here with exit code 0.
    this.#watchdog.ref();
    this.#watchdog.stdin?.end();
    await gone;
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const server = this.#server;
    if (!server) return;
    if (isRunning(server)) {
      const gone = once(server, 'exit');
      server.kill(signal);
      const impatience = setTimeout(() => server.kill('SIGKILL'), STOP_LIMIT_MS);
      await gone;
      clearTimeout(impatience);
    }
    await rm(join(this.directory, 'pid'), { force: true });
    this.#server = undefined;
  }

  private async untilReady(server: ChildProcess): Promise<void> {
    const deadline = Date.now() + START_LIMIT_MS;
    for (;;) {
      try {
        const connection = await createConnection({ uri: this.url });
        await connection.end();
        return;
      } catch (cause) {
        if (!isRunning(server) || Date.now() > deadline) {
          const log = await readFile(join(this.directory, 'server.log'), 'utf8');
          await this.kill();
          throw new Error(`MariaDB did not start. The end of its log:\n${log.slice(-4_000)}`, { cause });
        }
        await delay(25);
      }
    }
  }

  private commonArguments(): string[] {
    const user = isRoot() ? ['--user=mysql'] : [];
    const sizes = ['--innodb-log-file-size=32M', '--innodb-buffer-pool-size=64M'];
    return ['--no-defaults', `--datadir=${join(this.directory, 'data')}`, '--skip-name-resolve', ...user, ...sizes];
  }

  private serverArguments(): string[] {
    return [
      ...this.commonArguments(),
      '--skip-networking=0',
      '--bind-address=127.0.0.1',
      `--port=${this.port}`,
      `--socket=${join(this.directory, 'socket')}`,
      `--pid-file=${join(this.directory, 'data', 'server.pid')}`,
      `--tmpdir=${this.directory}`,
      `--init-file=${join(this.directory, 'init.sql')}`,
      '--max-connections=500',
    ];
  }
}

function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...FALLBACK_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function isRunning(server: ChildProcess): boolean {
  return server.exitCode === null && server.signalCode === null;
}

/** Ports on 127.0.0.1, below the range for outgoing connections: no client can take one while its server is stopped. */
export async function freePorts(count: number): Promise<number[]> {
  const probes = new Map<number, ReturnType<typeof createServer>>();
  try {
    while (probes.size < count) {
      const port = randomInt(20_000, 32_000);
      const probe = createServer();
      try {
        probe.listen(port, '127.0.0.1');
        await once(probe, 'listening');
        probes.set(port, probe);
      } catch (error) {
        // Told by its code: jest gives each file an Error class of its own.
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      }
    }
    return [...probes.keys()];
  } finally {
    for (const probe of probes.values()) probe.close();
  }
}

/**
 * Waits until every thread of a process that was sent SIGSTOP stands still: one on another core goes on for a moment. Where
 * the system has no /proc nobody can tell.
 */
function awaitStopped(pid: number): void {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return;
  const giveUpAt = performance.now() + STOP_LIMIT_MS;
  while (!readdirSync(tasks).every((task) => isStopped(`${tasks}/${task}/stat`)))
    if (performance.now() > giveUpAt) throw new Error('MariaDB did not stand still.');
}

/** By the state behind the name, which may hold anything: `1 (name) T …`. */
function isStopped(path: string): boolean {
  try {
    const stat = readFileSync(path, 'utf8');
    return stat.slice(stat.lastIndexOf(')')).startsWith(') T');
  } catch {
    // The thread ended meanwhile: the next look does not find it.
    return false;
  }
}
