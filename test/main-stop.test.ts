import { readdir, readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LoopbackServer } from './connector/loopback-server.js';
import { HubFolder, type HubProcess } from './support/hub-process.js';

const EMAIL = 'admin@hub.local';

let folder: HubFolder;
beforeEach(async () => {
  folder = await HubFolder.make();
});
afterEach(() => folder.remove());

const inFolder = (...names: string[]) => join(folder.path, ...names);
const passwordOf = async () => (await readFile(inFolder('data/admin-password'), 'utf8')).trim();

describe('SIGTERM', () => {
  /** An issuer that answers when it is let. */
  async function slowIssuer(): Promise<{ server: LoopbackServer; asked: Promise<void>; answer(): void }> {
    let [tellAsked, answer] = [() => {}, () => {}];
    const [asked, letGo] = [
      new Promise<void>((done) => (tellAsked = done)),
      new Promise<void>((done) => (answer = done)),
    ];
    const server = await LoopbackServer.http((_request, response) => {
      tellAsked();
      void letGo.then(() => {
        const metadata = {
          issuer: server.origin,
          token_endpoint: `${server.origin}/token`,
          grant_types_supported: ['client_credentials'],
        };
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata));
      });
    });
    return { server, asked, answer };
  }

  it('lets requests under way finish, says so at /ready, and ends with 0', async () => {
    const hub = await folder.start({ HUB_ALLOW_PRIVATE_NETWORK: 'true' });
    const authorization = `Bearer ${await hub.login(EMAIL, await passwordOf())}`;
    const issuer = await slowIssuer();
    const discovering = hub.ask(
      'mutation ($input: DiscoverProviderInput!) { discoverProvider(input: $input) { provider { issuer } userErrors { message } } }',
      { input: { issuer: issuer.server.origin } },
      { authorization },
    );
    await issuer.asked;

    const ended = hub.end('SIGTERM');
    await hub.until('stopping');
    const [ready, health, late] = [
      await fetch(`${hub.url}/ready`),
      await fetch(`${hub.url}/health`),
      await hub.ask('{ __typename }'),
    ];
    await hub.until('"path":"/graphql"');
    issuer.answer();

    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ problems: [expect.stringContaining('draining')] });
    expect([health.status, late.status]).toEqual([200, 200]);
    expect(late.headers.get('connection')).toBe('close');
    expect(await discovering).toMatchObject({
      status: 200,
      data: { discoverProvider: { provider: { issuer: issuer.server.origin }, userErrors: [] } },
    });
    expect(await ended).toBe(0);
    await issuer.server.close();
  });

  it('waits for no connection whose request was answered late', async () => {
    const hub = await folder.start({ HUB_ALLOW_PRIVATE_NETWORK: 'true' });
    const authorization = `Bearer ${await hub.login(EMAIL, await passwordOf())}`;
    const issuer = await slowIssuer();
    const discovering = hub.ask(
      'mutation ($input: DiscoverProviderInput!) { discoverProvider(input: $input) { provider { issuer } } }',
      { input: { issuer: issuer.server.origin } },
      { authorization },
    );
    await issuer.asked;

    const ended = hub.end('SIGTERM');
    while (await isListening(hub)) await delay(50);
    issuer.answer();

    expect((await discovering).headers.get('connection')).toBe('close');
    expect(await ended).toBe(0);
    await issuer.server.close();
  });

  it('under load cuts no request off that comes while /ready says yes', async () => {
    const hub = await folder.start();
    const load = new BalancedLoad(hub, (await hub.login(EMAIL, await passwordOf())) ?? '');
    const clients = Array.from({ length: 10 }, () => load.run());
    await load.answered(100);

    const ended = hub.end('SIGTERM');
    await Promise.all([load.balance(), ...clients]);

    expect(load.failures).toEqual([]);
    expect(load.statuses).toEqual(new Set([200]));
    expect(await ended).toBe(0);
  });

  it('waits for no connection that only stands open', async () => {
    const hub = await folder.start();
    const agent = new Agent({ keepAlive: true });
    await new Promise((resolve, reject) => {
      request(`${hub.url}/health`, { agent }, (response) => response.resume().on('end', resolve))
        .on('error', reject)
        .end();
    });

    expect(await hub.end('SIGTERM')).toBe(0);
    agent.destroy();
    expect(hub.stdout).not.toContain('did not stop cleanly');
  });

  it('has a quicker sister for who sits at the terminal: SIGINT', async () => {
    const hub = await folder.start();

    expect(await hub.end('SIGINT')).toBe(0);
    expect(hub.stdout).toContain('"signal":"SIGINT"');
  });

  it('leaves a database that needs no recovery, and no lock', async () => {
    const hub = await folder.start();
    await hub.login(EMAIL, await passwordOf());

    await hub.end('SIGTERM');

    expect(await readdir(inFolder('data'))).not.toContain('hub.sqlite-wal');
    expect((await folder.start()).url).toBeDefined();
  });
});

describe('kill -9', () => {
  it('loses nothing that was answered, and the next start serves', async () => {
    const hub = await folder.start();
    const password = await passwordOf();
    const authorization = `Bearer ${await hub.login(EMAIL, password)}`;
    const create = (i: number) =>
      hub.ask(
        'mutation ($input: CreateProviderInput!) { createProvider(input: $input) { provider { id } userErrors { message } } }',
        { input: { name: `P${i}`, grantTypes: ['CLIENT_CREDENTIALS'], tokenEndpoint: 'https://id.example.com/token' } },
        { authorization },
      );
    const answered: string[] = [];
    const writing = Array.from({ length: 30 }, (_, i) =>
      create(i).then(({ data }) => void answered.push(data.createProvider.provider.id as string)),
    );
    await Promise.any(writing);

    expect(await hub.end('SIGKILL')).toBe('SIGKILL');
    await Promise.allSettled(writing);
    const next = await folder.start();
    const { data } = await next.ask('{ providers(first: 100) { nodes { id } } }', {}, { authorization });

    const kept = new Set((data.providers.nodes as { id: string }[]).map(({ id }) => id));
    expect(answered.length).toBeGreaterThan(0);
    expect(answered.filter((id) => !kept.has(id))).toEqual([]);
    expect(await next.login(EMAIL, password)).toBeDefined();
  });
});

async function isListening(hub: HubProcess): Promise<boolean> {
  const agent = new Agent();
  return new Promise((resolve) => {
    request(`${hub.url}/health`, { agent }, (response) => response.resume().on('end', () => resolve(true)))
      .on('error', () => resolve(false))
      .end();
  });
}

/** Clients that ask without a pause, over connections they keep, until the load balancer takes the hub out. */
class BalancedLoad {
  readonly failures: unknown[] = [];
  readonly statuses = new Set<number | undefined>();
  private readonly agent = new Agent({ keepAlive: true });
  private count = 0;
  private isOut = false;

  constructor(
    private readonly hub: HubProcess,
    private readonly token: string,
  ) {}

  /** Asks `/ready` as a load balancer does. */
  async balance(): Promise<void> {
    while (!this.isOut) {
      const { ok } = await fetch(`${this.hub.url}/ready`);
      this.isOut = !ok;
      await delay(20);
    }
  }

  async run(): Promise<void> {
    while (!this.isOut) {
      await this.ask().then(
        (status) => this.statuses.add(status),
        (error: unknown) => this.failures.push(error),
      );
      this.count += 1;
    }
  }

  async answered(count: number): Promise<void> {
    while (this.count < count) await delay(5);
  }

  private ask(): Promise<number | undefined> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.token}` };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.hub.url}/graphql`, { method: 'POST', agent: this.agent, headers }, (response) => {
        response
          .resume()
          .on('end', () => resolve(response.statusCode))
          .on('error', reject);
      });
      sent.on('error', reject).end('{"query":"{ viewer { id } }"}');
    });
  }
}
