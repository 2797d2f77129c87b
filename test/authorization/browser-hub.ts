import { expect } from '@jest/globals';
import SqliteDatabase from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';
import { LoopbackServer } from '../connector/loopback-server.js';
import { Browser, type Person } from '../support/browser.js';
import { type Ask, TestHub } from '../support/hub.js';
import { type Upstream, startUpstream } from '../support/upstream.js';

interface Options {
  databaseUrl?: string;
  env?: Record<string, string>;
  /** Default where it listens. */
  publicUrl?: string;
  onLog?: (line: string) => void;
}

/** A link for a person, as the API gives it. */
export interface Link {
  url: string;
  state: string;
  expiresAt: string;
  tokenId: string;
}

/** Where the browser ended up, and what it was told. */
export interface Page {
  status: number;
  headers: Headers;
  text: string;
  /** Of the callback; it carries code and state. */
  url: URL;
}

const TOKEN_FIELDS = `
  id name connectionState status generation scopes grantedScopes accessTokenHint hasRefreshToken account { subject email }
  lastError { error } accessToken refreshToken`;

/** A hub that a browser can reach under its public URL, with an authorization server that knows its callbacks. */
export class BrowserHub {
  private constructor(
    readonly hub: TestHub,
    readonly upstream: Upstream,
    readonly ask: Ask,
    readonly publicUrl: string,
  ) {}

  static async start(options: Options = {}): Promise<BrowserHub> {
    const port = await freePort();
    const { publicUrl = `http://localhost:${port}` } = options;
    const upstream = await startUpstream({ redirectUris: [`${publicUrl}/oauth/callback/upstream`] });
    const env = { ...options.env, PUBLIC_URL: publicUrl };
    const hub = await TestHub.start({ ...options, env, port });
    const started = new BrowserHub(hub, upstream, await hub.asManager(), publicUrl);
    await started.createProvider('upstream');
    return started;
  }

  async stop(): Promise<void> {
    await this.hub.stop();
    await this.upstream.stop();
  }

  /** All of them are the one server that runs; only the first one's callback is registered there. */
  async createProvider(key: string, settings: object = {}): Promise<string> {
    const { clientId, clientSecret } = this.upstream.clients.basic;
    const { data } = await this.ask(
      'mutation ($input: CreateProviderInput!) { createProvider(input: $input) { provider { id } userErrors { message } } }',
      { input: { ...this.upstream.endpoints, key, name: key, client: { clientId, clientSecret }, ...settings } },
    );
    return data.createProvider.provider.id as string;
  }

  async request(name: string, input: object = {}, providerKey = 'upstream'): Promise<Link> {
    const { data: found } = await this.ask('query ($key: String) { provider(key: $key) { id } }', { key: providerKey });
    const { data, errors } = await this.ask(
      `mutation ($input: RequestTokenInput!) { requestToken(input: $input) {
         token { id } authorization { url state expiresAt } userErrors { code message field } } }`,
      {
        input: {
          name,
          providerId: found.provider.id,
          grantType: 'AUTHORIZATION_CODE',
          scopes: ['openid', 'email', 'api:read'],
          ...input,
        },
      },
    );
    const { authorization, token, userErrors } = data?.requestToken ?? {};
    if (!authorization) throw new Error(`No link: ${JSON.stringify([errors, userErrors])}`);
    return { ...authorization, tokenId: token.id };
  }

  async startAuthorization(tokenId: string, input: object = {}): Promise<Link> {
    const { data } = await this.ask(
      `mutation ($input: StartAuthorizationInput!) { startAuthorization(input: $input) {
         authorization { url state expiresAt } userErrors { code message } } }`,
      { input: { tokenId, ...input } },
    );
    return { ...data.startAuthorization.authorization, tokenId };
  }

  /** Up to the redirect that leads back to the hub, which is not followed. */
  consent(link: Link, person: Person = {}, browser = new Browser()): Promise<URL> {
    return browser.follow(link.url, `${this.publicUrl}/oauth/callback`, person);
  }

  async open(url: URL, browser: Browser): Promise<Page> {
    const response = await browser.open(url.href);
    return { status: response.status, headers: response.headers, text: await response.text(), url };
  }

  /** The whole way, in one browser. */
  async connect(link: Link, person: Person = {}, browser = new Browser()): Promise<Page> {
    return this.open(await this.consent(link, person, browser), browser);
  }

  /** A token that is connected, with a link to connect it again. */
  async connected(name: string): Promise<{ before: any; link: Link }> {
    const first = await this.request(name);
    expect((await this.connect(first)).status).toBe(200);
    return { before: await this.token(first.tokenId), link: await this.startAuthorization(first.tokenId) };
  }

  /** The token says what went wrong; nothing was spent, and what worked before works still. */
  async expectIntact(before: any, error: string): Promise<void> {
    const after = await this.token(before.id);
    expect(after).toEqual({ ...before, connectionState: 'ERROR', lastError: { error } });
    expect(after.status).toBe('ACTIVE');
  }

  /** As if ten minutes had passed. */
  expire({ tokenId }: Link): Promise<void> {
    return this.execute(
      `UPDATE authorization_request SET expiresAt = '2026-01-01 00:00:00.000' WHERE tokenId = '${tokenId}'`,
    );
  }

  /** With its secrets. */
  async token(id: string): Promise<any> {
    const { data } = await this.ask(`query ($id: ID) { token(id: $id) { ${TOKEN_FIELDS} } }`, { id });
    return data.token;
  }

  async events(tokenId: string): Promise<any[]> {
    const { data } = await this.ask(
      'query ($filter: AuditEventFilter) { auditEvents(first: 100, filter: $filter) { nodes { action actorName success detail } } }',
      { filter: { subjectIds: [tokenId] } },
    );
    return data.auditEvents.nodes;
  }

  /** Writes past the hub, as time and other replicas do. */
  private async execute(sql: string): Promise<void> {
    const { database } = this.hub.config;
    if (database.kind === 'sqlite') {
      const connection = new SqliteDatabase(database.path);
      connection.exec(sql);
      connection.close();
      return;
    }
    const { hosts, password, user, database: name } = database;
    const connection = await createConnection({
      ...hosts[0],
      user,
      database: name,
      ...(password && { password: password.reveal() }),
    });
    await connection.query(sql);
    await connection.end();
  }
}

async function freePort(): Promise<number> {
  const server = await LoopbackServer.http(() => undefined);
  const { port } = server;
  await server.close();
  return port;
}
