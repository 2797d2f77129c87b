import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
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
import { RefreshClaims } from '../../src/token/refresh-claims.js';
import { ProviderRests } from '../../src/token/provider-rests.js';
import { RefreshPace } from '../../src/token/refresh-pace.js';
import { RenewalFaults } from '../../src/token/renewal-faults.js';
import { RefreshPauseRepository } from '../../src/token/refresh-pause.repository.js';
import { TokenLeaseRepository } from '../../src/token/token-lease.repository.js';
import { TokenParties } from '../../src/token/token-parties.js';
import { TokenQueueRepository } from '../../src/token/token-queue.repository.js';
import type { TokenRefreshService } from '../../src/token/token-refresh.service.js';
import type { TokenResetService } from '../../src/token/token-reset.service.js';
import { backoffMs, nextRefreshAt } from '../../src/token/token-schedule.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { TokenFreshStart } from '../../src/token/token-fresh-start.js';
import { TokenRepository } from '../../src/token/token.repository.js';
import { at, clientRow, HOUR_MS, NOW, providerRow, saveRows, tokenRow } from '../token/stored-rows.js';

export const REPLICAS = 3;
/** A request takes as long. */
export const TICK_MS = 2_000;
const provider = providerRow();
const client = clientRow(provider);

/** Why a request fails: what its error says, whether it is sent at all, and whether the client is what is refused. */
interface Fault {
  error: string;
  unsent?: true;
  clientLevel?: true;
  permanent?: true;
}

/** The engines of the replicas on one database, whose clock the test sets; the provider answers at the next tick. */
export class Simulation {
  now = NOW;
  /** Why a request of a replica fails now. */
  fault: (replica: number) => Fault | null = () => null;
  /** When each request was sent, in milliseconds since the beginning, and how many were under way then. */
  readonly sent: { atMs: number; underWay: number; replica: number }[] = [];
  readonly alarms: string[] = [];
  private answers: (() => Promise<void>)[] = [];
  private readonly engines: DueRefresh[] = [];
  private readonly unitOfWork: UnitOfWork;

  private constructor(
    readonly database: Database,
    private readonly folder: string,
    replicas: number,
  ) {
    this.unitOfWork = new UnitOfWork(database);
    for (let index = 0; index < replicas; index += 1) this.engines.push(this.engine(index));
  }

  static async start(count: number, replicas = REPLICAS): Promise<Simulation> {
    const folder = await mkdtemp(join(tmpdir(), 'hub-simulation-'));
    const database = await Database.open(databaseConfig({ DATABASE_URL: `sqlite:${folder}/hub.sqlite` }));
    await new Migrator(database).migrate();
    // Nobody needs it after a loss of power.
    await database.writer.query('PRAGMA synchronous = OFF');
    const tokens = Array.from({ length: count }, () => {
      const token = tokenRow(client, { renewable: true, refreshToken: 'sealed', expiresAt: at(HOUR_MS) });
      return Object.assign(token, { nextRefreshAt: nextRefreshAt(token, provider, NOW) });
    });
    await saveRows(database, { providers: [provider], clients: [client], tokens });
    return new Simulation(database, folder, replicas);
  }

  async stop(): Promise<void> {
    await this.database.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Nothing happens until then. */
  skipTo(elapsedMs: number): void {
    this.now = at(elapsedMs);
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

  /** What a System Manager does who gives the provider another endpoint, at whichever replica. */
  async changeProvider(): Promise<void> {
    const providers = new ProviderRepository(this.database);
    const before = await providers.findById(provider.id);
    if (!before) throw new Error('There is no provider');
    const tokenEndpoint = `https://id.example.com/token/${before.version}`;
    const [tokens, pauses] = [new TokenRepository(this.database), new RefreshPauseRepository(this.database)];
    const freshStart = new TokenFreshStart(
      tokens,
      pauses,
      this.unitOfWork,
      { now: () => this.now },
      createLog('silent'),
    );
    const owner = { providerId: provider.id };
    await this.unitOfWork.run(async (tx) => {
      await providers.update(tx, before, { tokenEndpoint }, this.now);
      await freshStart.endPause(tx, owner);
    });
    await freshStart.forgetConnectionState(owner);
  }

  /** Which providers and clients are paused. */
  async paused(): Promise<string[]> {
    const names = new Map([
      [provider.id, 'provider'],
      [client.id, 'client'],
    ]);
    return (await new RefreshPauseRepository(this.database).all()).map(({ id }) => names.get(id) ?? id);
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
    const refreshes = { joinAsRead: (_ctx: unknown, token: TokenEntity) => this.send(token, index) };
    const rests = new ProviderRests(new ProviderRepository(database), () => this.elapsedMs);
    const parts = {
      leases: new TokenLeaseRepository(database),
      attempts: new ExchangeAttemptRepository(database),
      queue,
      refreshes: refreshes as unknown as TokenRefreshService,
      resets: {} as TokenResetService,
      parties: new TokenParties(new ProviderRepository(database), new ClientRepository(database)),
      claims: new RefreshClaims(queue, pauses, unitOfWork, clock, `rep_${index}`),
      pace: new RefreshPace(pauses, unitOfWork, clock, log, rests),
      faults: new RenewalFaults(log, () => this.elapsedMs),
    };
    return new DueRefresh(parts, unitOfWork, clock, log);
  }

  /** Stores what an exchange would. */
  private send(token: TokenEntity, replica: number): Promise<TokenEntity> {
    return new Promise((done, failed) => {
      this.answers.push(async () => {
        const fault = this.fault(replica);
        if (!fault) return done(await this.store(token, this.renewed(token)));
        const waitMs = backoffMs(token.failures + 1);
        const failures = token.failures + 1;
        await this.store(token, { failures, nextRefreshAt: new Date(this.now.getTime() + waitMs) });
        const error = hubTokenError('PROVIDER_UNREACHABLE', fault.error, 'It does not answer.', this.now);
        failed(new ExchangeFailedError(token.id, { ...error, permanent: false, ...fault }));
      });
      this.sent.push({ atMs: this.elapsedMs, underWay: this.answers.length, replica });
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
