import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { compiledSources } from './compiled-sources.js';
import type { GraphQLAnswer } from './hub.js';

type Variables = Record<string, unknown>;

/** An empty folder that hubs can be started in; their data is in it. */
export class HubFolder {
  private readonly started: HubProcess[] = [];

  private constructor(
    readonly path: string,
    private readonly programs: string,
  ) {}

  static async make(): Promise<HubFolder> {
    return new HubFolder(await mkdtemp(join(tmpdir(), 'hub-process-')), await compiledSources());
  }

  /** Starts a program of `src` as a process of its own. */
  spawn(env: Record<string, string> = {}, program = 'main', args: readonly string[] = []): HubProcess {
    const child = spawn(process.execPath, [join(this.programs, 'src', `${program}.js`), ...args], {
      cwd: this.path,
      env: { PATH: process.env['PATH'], PORT: '0', PUBLIC_URL: 'http://localhost:4000', ...env },
    });
    const hub = new HubProcess(child);
    this.started.push(hub);
    return hub;
  }

  /** Starts a hub and waits until it serves. */
  async start(env: Record<string, string> = {}): Promise<HubProcess> {
    const hub = this.spawn(env);
    await hub.serving();
    return hub;
  }

  /** Ends what was started here, and removes everything. */
  async remove(): Promise<void> {
    await Promise.all(this.started.map((hub) => hub.end('SIGKILL')));
    await rm(this.path, { recursive: true, force: true });
  }
}

/** A hub as a real process. */
export class HubProcess {
  stdout = '';
  stderr = '';
  private readonly exited: Promise<number | NodeJS.Signals>;

  constructor(private readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    // `close` and not `exit`: all it wrote has arrived.
    this.exited = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get output(): string {
    return this.stdout + this.stderr;
  }

  /** Waits for a line of the log. @throws when the process ends without it */
  async until(text: string | RegExp): Promise<void> {
    const isThere = () => (typeof text === 'string' ? this.output.includes(text) : text.test(this.output));
    let ended = false;
    void this.exited.then(() => (ended = true));
    while (!isThere()) {
      if (ended) throw new Error(`The process ended without saying ${String(text)}:\n${this.output}`);
      await delay(10);
    }
  }

  serving(): Promise<void> {
    return this.until('the hub serves');
  }

  /** Only once it serves. */
  get url(): string {
    const [, url] = /"Server listening at (http:[^"]+)"/.exec(this.stdout) ?? [];
    if (url === undefined) throw new Error(`The hub does not serve:\n${this.output}`);
    return url;
  }

  /** Waits for the process to end by itself. @returns exit code, or the signal that ended it */
  exit(): Promise<number | NodeJS.Signals> {
    return this.exited;
  }

  end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    this.child.kill(signal);
    return this.exited;
  }

  async ask(query: string, variables: Variables = {}, headers: Record<string, string> = {}): Promise<GraphQLAnswer> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as Partial<GraphQLAnswer>;
    return { status: response.status, headers: response.headers, data: body.data, errors: body.errors ?? [] };
  }

  /** @returns the access token, or undefined when the login is refused */
  async login(email: string, password: string): Promise<string | undefined> {
    const { data } = await this.ask('mutation ($input: LoginInput!) { login(input: $input) { accessToken } }', {
      input: { email, password },
    });
    return (data?.login?.accessToken as string | null | undefined) ?? undefined;
  }
}
