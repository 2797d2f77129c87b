import { randomBytes } from 'node:crypto';
import type { ClientEntity } from '../../src/client/client.entity.js';
import { codeChallenge } from '../../src/oauth/authorization-binding.js';
import { type Saved, savePerson } from '../support/builders.js';
import { Browser } from '../support/browser.js';
import { type Ask, TestHub } from '../support/hub.js';
import { aClientRow } from '../support/rows.js';
import { DatabaseWindow, type StoredRow } from '../token/database-window.js';

export const PUBLIC_URL = 'https://hub.example.com';
export const REDIRECT_URI = 'https://app.example.com/callback';
export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

export type Person = Saved & { email: string; password: string };
type Parameters = Readonly<Record<string, string | null>>;

interface Options {
  databaseUrl?: string;
  publicUrl?: string;
  onLog?: (line: string) => void;
}

/** A hub that third parties send browsers to. */
export class AuthorizeHub {
  private constructor(
    readonly hub: TestHub,
    readonly ask: Ask,
    readonly rows: DatabaseWindow,
    private readonly providerId: string,
  ) {}

  static async start({ publicUrl = PUBLIC_URL, ...options }: Options = {}): Promise<AuthorizeHub> {
    const hub = await TestHub.start({ ...options, env: { PUBLIC_URL: publicUrl } });
    const { database } = hub.config;
    const rows = new DatabaseWindow(
      options.databaseUrl ?? (database.kind === 'sqlite' ? `sqlite:${database.path}` : ''),
    );
    const [provider] = await rows.query("SELECT id FROM provider WHERE kind = 'HUB'");
    return new AuthorizeHub(hub, await hub.asManager(), rows, String(provider?.['id']));
  }

  stop(): Promise<void> {
    return this.hub.stop();
  }

  /** A client of the hub that may send people for consent. */
  async client(given: Partial<ClientEntity> = {}): Promise<ClientEntity> {
    const row = aClientRow(this.providerId, {
      scopes: ['openid', 'email', 'hub:read', 'other:scope'],
      grantTypes: ['AUTHORIZATION_CODE'],
      redirectUris: [REDIRECT_URI],
      contactName: 'Ada of Example',
      contactEmail: 'ada@app.example.com',
      trusted: false,
      ...given,
    });
    row.clientId += randomBytes(4).toString('hex');
    const columns = Object.entries(row).map(([name, value]) => [name, stored(value)] as const);
    const names = columns.map(([name]) => name);
    const sql = `INSERT INTO client (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
    await this.rows.query(
      sql,
      columns.map(([, value]) => value as string),
    );
    return row;
  }

  person(given: Record<string, unknown> = {}): Promise<Person> {
    return savePerson(this.ask, given);
  }

  /** The request of a client; null leaves a parameter out. */
  link(client: ClientEntity, changes: Parameters = {}): string {
    const parameters: Parameters = {
      response_type: 'code',
      client_id: client.clientId,
      redirect_uri: REDIRECT_URI,
      scope: 'openid hub:read',
      state: 'the state',
      nonce: 'the nonce',
      code_challenge: codeChallenge(VERIFIER),
      code_challenge_method: 'S256',
      ...changes,
    };
    const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== null);
    return `${this.hub.config.publicUrl}/oauth/authorize?${new URLSearchParams(given).toString()}`;
  }

  visitor(): Visitor {
    return new Visitor(this.hub);
  }

  /** Somebody who is logged in to the pages. */
  async loggedIn(person: Person, client: ClientEntity): Promise<Visitor> {
    const visitor = this.visitor();
    await visitor.open(this.link(client, { prompt: 'consent' }));
    await visitor.login(person);
    if (!visitor.text.includes('value="allow"')) throw new Error(`Nobody is logged in: ${visitor.text}`);
    return visitor;
  }

  /** The newest one of the client. */
  async codeRow(client: ClientEntity): Promise<StoredRow | undefined> {
    const sql = 'SELECT * FROM authorization_code WHERE clientId = ? ORDER BY id DESC LIMIT 1';
    return (await this.rows.query(sql, [client.id]))[0];
  }

  async sessionsOf({ id }: Saved): Promise<StoredRow[]> {
    return this.rows.query('SELECT * FROM session WHERE userId = ? ORDER BY id', [id]);
  }

  async disable(table: 'client' | 'provider' | 'user', id: string): Promise<void> {
    await this.rows.query(`UPDATE ${table} SET enabled = 0 WHERE id = ?`, [id]);
  }
}

/** Somebody in front of a browser, and the page that it shows. */
export class Visitor {
  readonly browser = new Browser();
  status = 0;
  headers = new Headers();
  text = '';
  /** Where the browser was sent outside of the hub. */
  location: string | null = null;

  constructor(private readonly hub: TestHub) {}

  /** Redirects within the hub are followed, those to clients are not. */
  async open(url: string, form?: Record<string, string>, headers: Record<string, string> = {}): Promise<this> {
    const { publicUrl } = this.hub.config;
    const response = await this.browser.open(url.replace(publicUrl, this.hub.url), form, headers);
    const location = response.headers.get('location');
    if (location?.startsWith(`${publicUrl}/`)) return this.open(location);
    Object.assign(this, {
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      location,
    });
    return this;
  }

  /** Sends the form of the page, as a browser does. */
  submit(fields: Record<string, string>, headers: Record<string, string> = {}): Promise<this> {
    const { origin } = new URL(this.hub.config.publicUrl);
    return this.open(this.action, { csrf: this.csrf, ...fields }, { origin, ...headers });
  }

  login({ email, password }: Pick<Person, 'email' | 'password'>): Promise<this> {
    return this.submit({ email, password });
  }

  get action(): string {
    return unescaped(/<form method="post" action="([^"]+)"/.exec(this.text)?.[1] ?? '');
  }

  get csrf(): string {
    return /name="csrf" value="([^"]+)"/.exec(this.text)?.[1] ?? '';
  }

  /** What the client is told. */
  get answer(): Record<string, string> {
    return Object.fromEntries(new URL(this.location ?? '').searchParams);
  }
}

export function unescaped(text: string): string {
  return text.replace(/&#(\d+);/g, (_entity, code: string) => String.fromCharCode(Number(code)));
}

function stored(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '');
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}
