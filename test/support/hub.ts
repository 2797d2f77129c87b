import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LevelWithSilent } from 'pino';
import { type App, createApp } from '../../src/app.js';
import { type Config, loadConfig } from '../../src/config.js';
import { createLog } from '../../src/log.js';
import type { Role } from '../../src/user/role.js';

/** What GraphQL answers; `data` is read with optional chaining, so its shape is left to each test. */
export interface GraphQLAnswer {
  status: number;
  headers: Headers;
  data: any;
  errors: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[];
}

export type Ask = (query: string, variables?: Record<string, unknown>) => Promise<GraphQLAnswer>;

interface Options {
  /** A DATABASE_URL; default a SQLite file of its own. */
  databaseUrl?: string;
  env?: Record<string, string>;
  /** Where it listens; default any free port. */
  port?: number;
  logLevel?: LevelWithSilent;
  /** Takes the log lines. */
  onLog?: (line: string) => void;
}

export const MANAGER = { email: 'manager@example.com', password: randomBytes(12).toString('hex') };

/** A whole hub on a loopback port, with its first System Manager. */
export class TestHub {
  private constructor(
    readonly app: App,
    readonly config: Config,
    readonly url: string,
    private readonly folder: string,
  ) {}

  static async start(options: Options = {}): Promise<TestHub> {
    const folder = await mkdtemp(join(tmpdir(), 'hub-test-'));
    const config = loadConfig({
      PORT: '0',
      PUBLIC_URL: 'http://localhost:4000',
      DATABASE_URL: options.databaseUrl ?? `sqlite:${join(folder, 'hub.sqlite')}`,
      HUB_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      HUB_SPOOL_DIR: join(folder, 'spool'),
      HUB_ADMIN_EMAIL: MANAGER.email,
      HUB_ADMIN_PASSWORD: MANAGER.password,
      HUB_ALLOW_PRIVATE_NETWORK: 'true',
      ...options.env,
    });
    const destination = { write: (line: string) => options.onLog?.(line) };
    const app = await createApp(
      config,
      createLog(options.logLevel ?? (options.onLog ? 'trace' : 'silent'), destination),
    );
    await app.server.listen({ port: options.port ?? 0, host: '127.0.0.1' });
    const address = app.server.server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    return new TestHub(app, config, `http://127.0.0.1:${port}`, folder);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Sends one operation; with `token` as its bearer. */
  async ask(
    query: string,
    variables: Record<string, unknown> = {},
    token?: string,
    headers: Record<string, string> = {},
  ): Promise<GraphQLAnswer> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as Partial<GraphQLAnswer>;
    return { status: response.status, headers: response.headers, data: body.data, errors: body.errors ?? [] };
  }

  /** Anonymous without credentials. */
  as(token?: string): Ask {
    return (query, variables) => this.ask(query, variables, token);
  }

  async login({ email, password }: { email: string; password: string }): Promise<string> {
    const { data, errors } = await this.ask(
      'mutation ($input: LoginInput!) { login(input: $input) { accessToken userErrors { code message } } }',
      { input: { email, password } },
    );
    const token = data?.login?.accessToken as string | null;
    if (!token) throw new Error(`Login of ${email} failed: ${JSON.stringify(errors)} ${JSON.stringify(data)}`);
    return token;
  }

  /** The first System Manager. */
  async asManager(): Promise<Ask> {
    return this.as(await this.login(MANAGER));
  }

  /** A new person with this role. */
  async asNew(role: Role): Promise<{ ask: Ask; id: string; email: string; password: string }> {
    const manager = await this.asManager();
    const email = `${role.toLowerCase()}-${randomBytes(4).toString('hex')}@example.com`;
    const password = randomBytes(12).toString('hex');
    const { data } = await manager(
      'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } userErrors { message } } }',
      { input: { name: `A ${role}`, kind: 'PERSON', email, password, roles: [role] } },
    );
    return {
      ask: this.as(await this.login({ email, password })),
      id: data.createUser.user.id as string,
      email,
      password,
    };
  }
}
