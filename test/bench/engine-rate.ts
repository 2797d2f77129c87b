import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { SCRIPTED_CLIENT } from '../token/scripted-provider.js';
import { TokenLife } from '../token/token-life.js';

/** The engine lets eight requests to one provider run at a time. */
const PROVIDERS = 8;
const TOKENS = 1600;
/** As many at a time as the engine has. */
const AT_ONCE = 64;

/** Refreshes per second by the engine, and calls per second by a loop that does nothing else, one after the other. */
export async function engineRate(databaseUrl: string): Promise<{ engine: number; bare: number }> {
  const endpoint = await TokenEndpoint.start();
  const life = await TokenLife.start({ freshUrl: () => Promise.resolve(databaseUrl) });
  try {
    await makeTokens(life, endpoint.url);
    // The first of each warms up.
    await bareLoop(endpoint.url);
    const bare = await bareLoop(endpoint.url);
    await refreshAll(life, endpoint);
    return { bare, engine: await refreshAll(life, endpoint) };
  } finally {
    await life.stop();
    endpoint.stop();
  }
}

async function makeTokens(life: TokenLife, tokenEndpoint: string): Promise<void> {
  for (let made = 0; made < PROVIDERS; made += 1) {
    const { id: providerId } = await life.provider(
      { tokenEndpoint, rotation: 'ROTATING', grantTypes: ['CLIENT_CREDENTIALS'] },
      SCRIPTED_CLIENT,
    );
    for (let tokens = 0; tokens < TOKENS / PROVIDERS; tokens += AT_ONCE) {
      const count = Math.min(AT_ONCE, TOKENS / PROVIDERS - tokens);
      await Promise.all(Array.from({ length: count }, () => life.connected({ providerId })));
    }
  }
}

/** All tokens fall due at once. */
async function refreshAll(life: TokenLife, endpoint: TokenEndpoint): Promise<number> {
  const soon = sqlInstant(Date.now() + 60_000);
  const due = sqlInstant(Date.now() - 1000);
  const before = endpoint.calls;
  await life.rows.query('UPDATE token SET expiresAt = ?, sortExpiresAt = ?, nextRefreshAt = ?', [soon, soon, due]);
  // Timed from the first refresh, not from when the engine looks up.
  await until(() => endpoint.calls > before, 1);
  const beganAt = performance.now();
  // Whoever asks the database costs time too: not before all have been sent.
  await until(() => endpoint.calls >= before + TOKENS, 5);
  // Until the last one is adopted.
  await until(async () => (await countDue(life)) === 0, 20);
  return TOKENS / ((performance.now() - beganAt) / 1000);
}

/** @throws Error after five minutes, which all of it never takes */
async function until(isDone: () => boolean | Promise<boolean>, everyMs: number): Promise<void> {
  const giveUpAt = performance.now() + 300_000;
  while (!(await isDone())) {
    if (performance.now() > giveUpAt) throw new Error('Not all tokens were refreshed within five minutes');
    await sleep(everyMs);
  }
}

/** Those that expire soon, as all do before they are refreshed. */
async function countDue(life: TokenLife): Promise<number> {
  const [row] = await life.rows.query('SELECT COUNT(*) AS due FROM token WHERE sortExpiresAt < ?', [
    sqlInstant(Date.now() + 120_000),
  ]);
  return Number(row?.['due']);
}

function sqlInstant(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}

/** The same form to the same endpoint, on a new connection each time, as token requests never reuse an idle one. */
async function bareLoop(url: string): Promise<number> {
  let left = TOKENS;
  const body = 'grant_type=refresh_token&refresh_token=bench-refresh-token';
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const headers = { 'content-type': 'application/x-www-form-urlencoded', connection: 'close' };
      const response = await request(url, { method: 'POST', body, headers });
      await response.body.text();
    }
  };
  const beganAt = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return TOKENS / ((performance.now() - beganAt) / 1000);
}

/** Answers every request with a new pair. */
class TokenEndpoint {
  calls = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<TokenEndpoint> {
    const endpoints: TokenEndpoint[] = [];
    const server = createServer((incoming, outgoing) => {
      incoming.resume().on('end', () => outgoing.end(endpoints[0]?.answer()));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = new TokenEndpoint(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`);
    endpoints.push(endpoint);
    return endpoint;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(): string {
    this.calls += 1;
    return JSON.stringify({
      access_token: `bench-access-token-${this.calls}`,
      refresh_token: `bench-refresh-token-${this.calls}`,
      token_type: 'Bearer',
      expires_in: 3600,
    });
  }
}
