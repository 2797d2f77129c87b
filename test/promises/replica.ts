import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { GraphQLAnswer } from '../support/hub.js';
import type { HubFolder, HubProcess } from '../support/hub-process.js';
import { TOKEN_FIELDS } from '../token/token-life.js';

const MANAGER = { email: 'manager@example.com', password: randomBytes(12).toString('hex') };
const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');

/** What a read of an access token gave. */
export interface Read {
  value: string | null;
  errors: GraphQLAnswer['errors'];
}

/** A provider at which a token can be connected. */
export interface GrantGiver {
  readonly settings: object;
  newGrant(): string;
  forget(): void;
}

/** A hub as a process, with its System Manager; it can be killed, frozen and started again on what it has on disk. */
export class Replica {
  readonly spoolFolder: string;
  private current: HubProcess | undefined;
  private session: string | undefined;

  constructor(
    private readonly folder: HubFolder,
    private readonly databaseUrl: string,
    name = 'replica',
    private readonly env: Record<string, string> = {},
  ) {
    this.spoolFolder = join(folder.path, `spool-of-${name}`);
  }

  get hub(): HubProcess {
    if (!this.current) throw new Error('This replica was never started');
    return this.current;
  }

  /** Again, too: with the same spool. */
  async start(): Promise<this> {
    this.current = await this.folder.start({
      DATABASE_URL: this.databaseUrl,
      HUB_SPOOL_DIR: this.spoolFolder,
      HUB_MASTER_KEY: MASTER_KEY,
      HUB_ADMIN_EMAIL: MANAGER.email,
      HUB_ADMIN_PASSWORD: MANAGER.password,
      HUB_ALLOW_PRIVATE_NETWORK: 'true',
      ...this.env,
    });
    if (this.session === undefined) await this.renewSession();
    return this;
  }

  async kill(): Promise<void> {
    await this.hub.end('SIGKILL');
  }

  /** It stands still, with all its connections open. */
  freeze(): void {
    process.kill(this.hub.pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.hub.pid, 'SIGCONT');
  }

  /** A session of its own, beside that of `authorization`. @returns its access token */
  async login(): Promise<string> {
    const token = await this.hub.login(MANAGER.email, MANAGER.password);
    if (token === undefined) throw new Error('The login was refused');
    return token;
  }

  /** The session that `authorization` names ends after ten minutes. */
  async renewSession(): Promise<void> {
    this.session = await this.login();
  }

  /** Header of the System Manager's session. */
  get authorization(): { authorization: string } {
    return { authorization: `Bearer ${this.session}` };
  }

  ask(query: string, variables: Record<string, unknown> = {}): Promise<GraphQLAnswer> {
    return this.hub.ask(query, variables, this.authorization);
  }

  /** A token that is connected at the provider, by a refresh token from elsewhere. @returns its id */
  async connect(provider: GrantGiver): Promise<string> {
    const name = `At ${randomBytes(4).toString('hex')}`;
    const client = { clientId: 'the-client', clientSecret: 'the-secret' };
    const made = await this.mutate('createProvider', 'provider { id }', {
      name,
      grantTypes: ['AUTHORIZATION_CODE'],
      tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC',
      client,
      ...provider.settings,
    });
    if (!made.provider) throw new Error(JSON.stringify(made));
    const imported = await this.mutate('importToken', 'token { id connectionState }', {
      name,
      providerId: made.provider.id,
      refreshToken: provider.newGrant(),
    });
    if (imported.token?.connectionState !== 'CONNECTED') throw new Error(JSON.stringify(imported));
    provider.forget();
    return imported.token.id as string;
  }

  /** @param minValidity ISO 8601; longer than the token lives, it forces a refresh */
  async accessToken(id: string, minValidity?: string): Promise<Read> {
    const { data, errors } = await this.ask(
      'query ($id: ID!, $min: Duration) { token(id: $id) { accessToken(minValidity: $min) } }',
      { id, min: minValidity },
    );
    return { value: (data?.token?.accessToken as string | null | undefined) ?? null, errors };
  }

  refresh(id: string): Promise<any> {
    return this.mutate('refreshToken', `token { ${TOKEN_FIELDS} }`, { id });
  }

  async find(id: string): Promise<any> {
    const { data } = await this.ask(`query ($id: ID!) { token(id: $id) { ${TOKEN_FIELDS} } }`, { id });
    return data.token;
  }

  async refreshTokenOf(id: string): Promise<string> {
    const { data } = await this.ask('query ($id: ID!) { token(id: $id) { refreshToken } }', { id });
    return data.token.refreshToken as string;
  }

  /** By which its exchanges are told from those of the others. */
  async ownerId(): Promise<string> {
    const [id = ''] = (await readFile(join(this.spoolFolder, 'replica-id'), 'utf8')).split('\n');
    return id;
  }

  /** How many answers wait in its spool. */
  spooled(): Promise<number> {
    return spooledIn(this.spoolFolder);
  }

  private async mutate(mutation: string, fields: string, input: object): Promise<any> {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const { data, errors } = await this.ask(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${fields} userErrors { code message } } }`,
      { input },
    );
    if (!data?.[mutation]) throw new Error(JSON.stringify(errors));
    return data[mutation];
  }
}

/** As long as the test may take. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await delay(50);
}

/** A read whose process may be killed while it waits. */
export async function readOrFailure(read: Promise<Read>): Promise<Read | undefined> {
  try {
    return await read;
  } catch {
    return undefined;
  }
}

/** How many answers wait in a spool. */
export async function spooledIn(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.slot'));
  const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
  return files.filter((content) => content[0] !== 0).length;
}
