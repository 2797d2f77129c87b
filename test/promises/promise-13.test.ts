import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientRepository } from '../../src/client/client.repository.js';
import { databaseConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { Migrator } from '../../src/database/migrator.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { createLog } from '../../src/log.js';
import { ProviderRepository } from '../../src/provider/provider.repository.js';
import { DueRefresh } from '../../src/token/due-refresh.service.js';
import { ExchangeAttemptRepository } from '../../src/token/exchange-attempt.repository.js';
import { ExchangeFailedError, hubTokenError } from '../../src/token/exchange-failed.error.js';
import { PROVIDER_CAP, RefreshClaims } from '../../src/token/refresh-claims.js';
import { RefreshPace } from '../../src/token/refresh-pace.js';
import { RefreshPauseRepository } from '../../src/token/refresh-pause.repository.js';
import { TokenParties } from '../../src/token/token-parties.js';
import { TokenQueueRepository } from '../../src/token/token-queue.repository.js';
import type { TokenRefreshService } from '../../src/token/token-refresh.service.js';
import type { TokenResetService } from '../../src/token/token-reset.service.js';
import { backoffMs, nextRefreshAt } from '../../src/token/token-schedule.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { TokenRepository } from '../../src/token/token.repository.js';
import { at, clientRow, HOUR_MS, NOW, providerRow, saveRows, tokenRow } from '../token/stored-rows.js';

const TOKENS = 10_000;
const REPLICAS = 3;
/** A request takes as long. */
const TICK_MS = 2_000;
const MINUTE_MS = 60_000;
const provider = providerRow();
const client = clientRow(provider);

/** The engines of three replicas on one database, whose clock the test sets; the provider answers at the next tick. */
class Simulation {
  now = NOW;
  isDown = false;
  /** When each request was sent, in milliseconds since the beginning, and how many were under way then. */
  readonly sent: { atMs: number; underWay: number }[] = [];
  readonly alarms: string[] = [];
  private answers: (() => Promise<void>)[] = [];
  private readonly engines: DueRefresh[] = [];
  private readonly unitOfWork: UnitOfWork;

  private constructor(
    readonly database: Database,
    private readonly folder: string,
  ) {
    this.unitOfWork = new UnitOfWork(database);
    for (let index = 0; index < REPLICAS; index += 1) this.engines.push(this.engine(index));
  }

  static async start(): Promise<Simulation> {
    const folder = await mkdtemp(join(tmpdir(), 'hub-simulation-'));
    const database = await Database.open(databaseConfig({ DATABASE_URL: `sqlite:${folder}/hub.sqlite` }));
    await new Migrator(database).migrate();
    // Nobody needs it after a loss of power.
    await database.writer.query('PRAGMA synchronous = OFF');
    const tokens = Array.from({ length: TOKENS }, () => {
      const token = tokenRow(client, { renewable: true, refreshToken: 'sealed', expiresAt: at(HOUR_MS) });
      return Object.assign(token, { nextRefreshAt: nextRefreshAt(token, provider, NOW) });
    });
    await saveRows(database, { providers: [provider], clients: [client], tokens });
    return new Simulation(database, folder);
  }

  async stop(): Promise<void> {
    await this.database.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Until that instant. */
  async run(untilMs: number): Promise<void> {
    while (this.elapsedMs < untilMs) {
      for (const answer of this.answers.splice(0)) await answer();
      await nextTurn();
      // They do not wait for each other. An engine that is to stop waits for nothing either.
      await Promise.all(this.engines.map((engine) => engine.runDue(AbortSignal.abort())));
      await nextTurn();
      this.now = new Date(this.now.getTime() + TICK_MS);
    }
  }

  get elapsedMs(): number {
    return this.now.getTime() - NOW.getTime();
  }

  tokens(): Promise<TokenEntity[]> {
    return this.database.manager.find(TokenEntity);
  }

  private engine(index: number): DueRefresh {
    const { database, unitOfWork } = this;
    const clock = { now: () => this.now };
    const log = createLog('warn', { write: (line: string) => void this.alarms.push(line) });
    const queue = new TokenQueueRepository(database);
    const pauses = new RefreshPauseRepository(database);
    const refreshes = { joinAsRead: (_ctx: unknown, token: TokenEntity) => this.send(token) };
    const parts = {
      tokens: new TokenRepository(database),
      attempts: new ExchangeAttemptRepository(database),
      queue,
      refreshes: refreshes as unknown as TokenRefreshService,
      resets: {} as TokenResetService,
      parties: new TokenParties(new ProviderRepository(database), new ClientRepository(database)),
      claims: new RefreshClaims(queue, pauses, unitOfWork, clock, `rep_${index}`),
      pace: new RefreshPace(pauses, unitOfWork, clock, log),
    };
    return new DueRefresh(parts, unitOfWork, clock, log);
  }

  /** Stores what an exchange would. */
  private send(token: TokenEntity): Promise<TokenEntity> {
    return new Promise((done, failed) => {
      this.answers.push(async () => {
        if (!this.isDown) return done(await this.store(token, this.renewed(token)));
        const waitMs = backoffMs(token.failures + 1);
        const failures = token.failures + 1;
        await this.store(token, { failures, nextRefreshAt: new Date(this.now.getTime() + waitMs) });
        const error = hubTokenError('PROVIDER_UNREACHABLE', 'http_503', 'It does not answer.', this.now);
        failed(new ExchangeFailedError(token.id, { ...error, permanent: false }));
      });
      this.sent.push({ atMs: this.elapsedMs, underWay: this.answers.length });
    });
  }

  private renewed(token: TokenEntity): Partial<TokenEntity> {
    const expiresAt = new Date(this.now.getTime() + 24 * HOUR_MS);
    const after = { ...token, generation: token.generation + 1, issuedAt: this.now, expiresAt, failures: 0 };
    const { failures, generation, issuedAt } = after;
    return { failures, generation, issuedAt, expiresAt, nextRefreshAt: nextRefreshAt(after, provider, this.now) };
  }

  private async store(token: TokenEntity, changes: Partial<TokenEntity>): Promise<TokenEntity> {
    const settled = { ...changes, reservedBy: null };
    await this.unitOfWork.run((tx) => tx.manager.update(TokenEntity, { id: token.id }, settled));
    return { ...token, ...settled };
  }
}

describe('promise 13: 10,000 tokens with one expiry, on three replicas, and a provider that is down for an hour', () => {
  const downMs = 53 * MINUTE_MS;
  const upMs = downMs + HOUR_MS;
  let simulation: Simulation;
  let spreadMs: number;

  beforeAll(async () => {
    simulation = await Simulation.start();
    const dues = (await simulation.tokens()).map(({ nextRefreshAt: due }) => due.getTime());
    spreadMs = dues.reduce((a, b) => Math.max(a, b)) - dues.reduce((a, b) => Math.min(a, b));
    simulation.isDown = true;
    await simulation.run(upMs);
    simulation.isDown = false;
    // The last probe was ten minutes ago at most, and the cap lets the others take as long.
    await simulation.run(upMs + 11 * MINUTE_MS + 1.02 * TICK_MS * (TOKENS / PROVIDER_CAP));
  });
  afterAll(() => simulation.stop());

  it('they do not fall due together', () => {
    expect(spreadMs).toBeGreaterThan(MINUTE_MS);
  });

  it('never more than eight requests are under way, of all replicas together', () => {
    expect(Math.max(...simulation.sent.map(({ underWay }) => underWay))).toBe(PROVIDER_CAP);
  });

  it('while it is down it gets one probe an interval, from whichever replica, and there is one alarm', () => {
    const down = simulation.sent.map(({ atMs }) => atMs).filter((atMs) => atMs < upMs);
    // Until the outage is noticed: five in a row in one replica, and what was under way.
    const [firstProbe = 0] = down.filter((atMs) => atMs > (down[0] ?? 0) + 20_000);
    const probes = down.filter((atMs) => atMs >= firstProbe);
    const gaps = probes.slice(1).map((atMs, index) => atMs - (probes[index] ?? 0));
    expect(down.length - probes.length).toBeLessThanOrEqual(2 * REPLICAS * PROVIDER_CAP);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(30_000);
    expect(probes.length).toBeGreaterThan(4);
    expect(probes.length).toBeLessThan(15);
    expect(simulation.alarms.filter((line) => line.includes('does not answer'))).toHaveLength(1);
  });

  it('when it is back one request tells, then all are renewed, once', async () => {
    const back = simulation.sent.filter(({ atMs }) => atMs >= upMs);
    const [first, ...rest] = back;
    expect(first?.underWay).toBe(1);
    expect(rest[0]?.atMs).toBeGreaterThan(first?.atMs ?? NaN);
    const generations = (await simulation.tokens()).map(({ generation }) => generation);
    expect(new Set(generations)).toEqual(new Set([2]));
    expect(back).toHaveLength(TOKENS);
  });
});
