import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { HubFolder } from '../support/hub-process.js';
import { DatabaseWindow } from '../token/database-window.js';
import { Gate } from '../token/scripted-provider.js';
import { Replica, until } from './replica.js';
import { heldAt, RotatingProvider } from './rotating-provider.js';

const SECRET = 'query ($id: ID!) { token(id: $id) { accessToken } }';
/** Without a secret: of those, only so many a minute may be read. */
const FACTS = 'query ($id: ID!) { token(id: $id) { id status generation } }';

describeEachDatabase('promise 19: SIGTERM under load', (database) => {
  let folder: HubFolder;
  let rows: DatabaseWindow;
  let replica: Replica;
  let provider: RotatingProvider;

  beforeAll(async () => {
    folder = await HubFolder.make();
    rows = new DatabaseWindow(await database.freshUrl());
    replica = await new Replica(folder, rows.databaseUrl).start();
    provider = await RotatingProvider.start('ROTATING');
  });
  afterAll(async () => {
    await folder.remove();
    await provider.close();
  });

  it('says so at /ready first, stores every exchange under way, and cuts no request off', async () => {
    const fresh = await replica.connect(provider);
    const expired = await Promise.all(Array.from({ length: 6 }, () => replica.connect(provider)));
    const [alone = '', background = '', ...read] = expired;
    for (const id of [alone, ...read]) await rows.setLifetimeLeft(id, -1000);
    const load = new Load(replica, fresh);
    const clients = Array.from({ length: 10 }, () => load.run());
    const gate = new Gate();
    provider.next(...expired.map(() => heldAt(gate)));

    const reading = read.map((id) => replica.accessToken(id));
    await load.askAndHangUp(alone, () => provider.sent.length === read.length + 1);
    await rows.setLifetimeLeft(background, 60_000);
    await rows.makeDue(background);
    await until(() => provider.sent.length === expired.length);
    const ended = replica.hub.end('SIGTERM');
    await replica.hub.until('stopping');
    const ready = await fetch(`${replica.hub.url}/ready`);
    const late = await replica.accessToken(fresh);
    load.isOut = true;
    await Promise.all(clients);
    gate.release();

    expect(ready.status).toBe(503);
    expect(late.errors).toEqual([]);
    for (const { errors, value } of await Promise.all(reading)) {
      expect(errors).toEqual([]);
      expect(value).toMatch(/^access-/);
    }
    expect(await ended).toBe(0);
    expect(load.failures).toEqual([]);
    expect(load.statuses).toEqual(new Set([200]));
    for (const id of expired) {
      expect(await rows.token(id)).toMatchObject({ generation: 2, connectionState: 'CONNECTED', leaseOwner: null });
      expect((await rows.attempts(id)).map(({ state }) => state)).toEqual(['ADOPTED', 'ADOPTED']);
    }
  });

  it('the next start has nothing to recover, and every grant lives', async () => {
    await replica.start();
    const found = await rows.query('SELECT id FROM token');
    const ids = found.map(({ id }) => String(id));

    const refreshed = await Promise.all(ids.map((id) => replica.refresh(id)));

    expect(replica.hub.output).not.toContain('exchanges of a former life');
    expect(refreshed.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    expect(new Set(provider.outcomes)).toEqual(new Set(['ISSUED']));
  });
});

/** Clients that read without a pause, over connections they keep, until a load balancer takes the hub out. */
class Load {
  readonly failures: unknown[] = [];
  readonly statuses = new Set<number | undefined>();
  isOut = false;
  private readonly agent = new Agent({ keepAlive: true });

  constructor(
    private readonly replica: Replica,
    private readonly id: string,
  ) {}

  async run(): Promise<void> {
    while (!this.isOut) {
      try {
        this.statuses.add(await this.read());
      } catch (error) {
        this.failures.push(error);
      }
      await delay(5);
    }
  }

  /** A caller that is gone before the answer. */
  async askAndHangUp(id: string, isSent: () => boolean): Promise<void> {
    const sent = this.request(SECRET, id);
    sent.on('error', () => undefined);
    await until(isSent);
    sent.destroy();
  }

  private read(): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const sent = this.request(FACTS, this.id);
      sent.on('error', reject).on('response', (response) => {
        response
          .resume()
          .on('end', () => resolve(response.statusCode))
          .on('error', reject);
      });
    });
  }

  private request(query: string, id: string) {
    const headers = { 'content-type': 'application/json', ...this.replica.authorization };
    const sent = request(`${this.replica.hub.url}/graphql`, { method: 'POST', agent: this.agent, headers });
    sent.end(JSON.stringify({ query, variables: { id } }));
    return sent;
  }
}
