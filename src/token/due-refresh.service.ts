import type { DueWork } from '../background/engine.js';
import type { Clock } from '../database/clock.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { HubError, UserError } from '../errors.js';
import type { Log } from '../log.js';
import { hubContext, type RequestContext } from '../request-context.js';
import type { ExchangeAttemptRepository } from './exchange-attempt.repository.js';
import { ExchangeFailedError, hubTokenError } from './exchange-failed.error.js';
import { OutcomeUnknownError } from './exchange-lease.js';
import type { RefreshPace } from './refresh-pace.js';
import { nextRefreshAt, resetRetryAt, scheduledReset } from './token-schedule.js';
import { NEVER } from './token-status.js';
import type { TokenParties } from './token-parties.js';
import type { TokenRefreshService } from './token-refresh.service.js';
import type { TokenResetService } from './token-reset.service.js';
import type { TokenEntity } from './token.entity.js';
import type { TokenQueueRepository } from './token-queue.repository.js';
import type { TokenRepository } from './token.repository.js';

/** Renewals at a time in one process; requests of people and scripts come on top. */
const AT_ONCE = 32;
/** Longer than a renewal takes; a process that dies leaves the rest to another one after this. */
const RESERVED_MS = 120_000;
/** Where a person has to switch or confirm something first. */
const UNUSABLE_MS = 10 * 60_000;

interface Parts {
  tokens: TokenRepository;
  attempts: ExchangeAttemptRepository;
  queue: TokenQueueRepository;
  refreshes: TokenRefreshService;
  resets: TokenResetService;
  parties: TokenParties;
  pace: RefreshPace;
  /** Of this replica. */
  ownerId: string;
}

/** Renews tokens before anybody has to wait for them. */
export class DueRefresh implements DueWork {
  readonly name = 'refreshes';
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly parts: Parts,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Begins as many as there is room for. */
  async runDue(signal: AbortSignal): Promise<number> {
    if (this.underWay.size >= AT_ONCE) await Promise.race(this.underWay);
    const due = await this.reserve(AT_ONCE - this.underWay.size);
    for (const token of due) {
      if (signal.aborted) break;
      const work: Promise<void> = this.renew(token).finally(() => this.underWay.delete(work));
      this.underWay.add(work);
    }
    return due.length;
  }

  /** Resolves when nothing is under way. */
  async landed(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private async reserve(limit: number): Promise<TokenEntity[]> {
    const now = this.clock.now();
    // Most of the time nothing is due, and a read tells.
    if ((await this.parts.queue.longestDue(now)) === null) return [];
    const until = new Date(now.getTime() + RESERVED_MS);
    const { ownerId, pace, queue } = this.parts;
    const claim = { now, until, limit, spared: pace.spared() };
    return this.unitOfWork.run((tx) => queue.reserveDue(tx, ownerId, claim));
  }

  private async renew(token: TokenEntity): Promise<void> {
    const { pace } = this.parts;
    const waitMs = pace.enter(token);
    try {
      if (waitMs > 0) await this.postpone(token, new Date(this.clock.now().getTime() + waitMs));
      else await this.renewNow(token);
    } catch (error) {
      this.log.error({ err: error, tokenId: token.id }, 'a token could not be renewed; it is tried again in minutes');
    }
  }

  private async renewNow(token: TokenEntity): Promise<void> {
    const { pace, refreshes } = this.parts;
    const ctx = hubContext(`refresh of ${token.id}`);
    try {
      const due = await this.plannedFor(token);
      if (due > this.clock.now()) await this.postpone(token, due);
      else if (await this.isResetDue(token)) return await this.reset(ctx, token);
      else {
        await refreshes.joinAsRead(ctx, token);
        return pace.leave(token, null);
      }
      pace.abandon(token);
    } catch (error) {
      if (error instanceof ExchangeFailedError) pace.leave(token, error.tokenError);
      else pace.abandon(token);
      if (!(error instanceof HubError)) throw error;
      if (!(error instanceof ExchangeFailedError)) await this.setAside(token, error);
    }
  }

  private async reset(ctx: RequestContext, token: TokenEntity): Promise<void> {
    const { pace, refreshes, resets } = this.parts;
    try {
      const { token: after } = await resets.reset(ctx, { id: token.id });
      pace.leave(token, after?.connectionState === 'ERROR' ? after.lastError : null);
    } catch (error) {
      // Nothing was sent, and a refresh need not wait for what a person has to mend first.
      const isRefreshDue = (await this.plannedFor({ ...token, resetInterval: null })) <= this.clock.now();
      if (!(error instanceof UserError) || !isRefreshDue) throw error;
      await refreshes.join(ctx, token);
      pace.leave(token, null);
    }
  }

  /** At the earliest; a failure before has planned the next try itself. */
  private async plannedFor(token: TokenEntity): Promise<Date> {
    if (!token.enabled || token.revokedAt) return NEVER;
    const { provider } = await this.parts.parties.withClient(token, token.clientId);
    const now = this.clock.now();
    const planned = nextRefreshAt(token, provider, now, 1, await this.resetDueAt(token));
    const isRetry = token.failures > 0 && token.autoRefresh && token.renewable;
    return isRetry ? now : planned;
  }

  private async isResetDue(token: TokenEntity): Promise<boolean> {
    const due = await this.resetDueAt(token);
    return due !== null && due <= this.clock.now();
  }

  /** By its schedule; one that failed is tried again later, and holds up no refresh meanwhile. */
  private async resetDueAt(token: TokenEntity): Promise<Date | null> {
    const due = scheduledReset(token);
    if (due === null || due > this.clock.now()) return due;
    const last = await this.parts.attempts.newestOf(token.id, 'RESET');
    return last && last.startedAt >= due ? resetRetryAt(due, last.startedAt) : due;
  }

  /** Nothing was sent. What only a person can mend is told on the token. */
  private async setAside(token: TokenEntity, error: HubError): Promise<void> {
    const now = this.clock.now();
    if (error instanceof OutcomeUnknownError) return this.postpone(token, error.mayRepeatAt);
    if (error instanceof UserError && error.code === 'INTERACTION_REQUIRED') {
      const lastError = hubTokenError(error.code, 'host_not_confirmed', error.message, now);
      await this.unitOfWork.run((tx) =>
        this.parts.tokens.overwrite(tx, token.id, { connectionState: 'ERROR', lastError }, now),
      );
    }
    const isOver = error instanceof UserError && error.code === 'NO_REFRESH_TOKEN';
    return this.postpone(token, isOver ? NEVER : new Date(now.getTime() + UNUSABLE_MS));
  }

  private postpone(token: TokenEntity, until: Date): Promise<void> {
    return this.unitOfWork.run((tx) => this.parts.queue.postpone(tx, token, until));
  }
}
