import type { DueWork } from '../background/engine.js';
import { UnderWay } from '../background/under-way.js';
import type { Clock } from '../database/clock.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { HubError, UserError, type UserErrorCode } from '../errors.js';
import type { Log } from '../log.js';
import { hubContext, type RequestContext } from '../request-context.js';
import { KeyUnavailableError, VaultError } from '../vault/vault-error.js';
import type { ExchangeAttemptRepository } from './exchange-attempt.repository.js';
import { ExchangeFailedError, hubTokenError } from './exchange-failed.error.js';
import { OutcomeUnknownError } from './exchange-doubts.js';
import type { ClaimedToken, RefreshClaims } from './refresh-claims.js';
import type { RefreshPace } from './refresh-pace.js';
import type { RenewalFaults } from './renewal-faults.js';
import type { TokenError } from './token-error.js';
import { afterRefusal, backoffMs, nextRefreshAt, resetRetryAt, scheduledReset } from './token-schedule.js';
import { NEVER } from './token-status.js';
import type { TokenLeaseRepository } from './token-lease.repository.js';
import type { TokenParties } from './token-parties.js';
import type { TokenRefreshService } from './token-refresh.service.js';
import type { TokenResetService } from './token-reset.service.js';
import type { TokenEntity } from './token.entity.js';
import type { TokenQueueRepository } from './token-queue.repository.js';

/** Renewals at a time in one process; requests of people and scripts come on top. */
const AT_ONCE = 64;
/** Until it is looked again whether something can be begun. */
const LOOK_MS = 1_000;
/** Where a person has to switch or confirm something first. */
const UNUSABLE_MS = 10 * 60_000;
/** So often it is looked whether an owner has said what became of a request. */
const AWAITED_MS = 60_000;
/** What does not pass by itself, by the code of what is refused before anything is sent. */
const FOR_A_PERSON: ReadonlySet<string> = new Set<UserErrorCode>([
  'ACCOUNT_MISMATCH',
  'AUTHORIZATION_REQUIRED',
  'DISABLED',
  'GRANT_TYPE_NOT_ALLOWED',
  'INTERACTION_REQUIRED',
  'INVALID',
  'NO_REFRESH_TOKEN',
  'NOT_FOUND',
  'NOT_SUPPORTED',
  'PROVIDER_INVALID_RESPONSE',
  'REAUTHORIZATION_REQUIRED',
  'REQUIRED',
]);

interface Parts {
  leases: TokenLeaseRepository;
  attempts: ExchangeAttemptRepository;
  queue: TokenQueueRepository;
  refreshes: TokenRefreshService;
  resets: TokenResetService;
  parties: TokenParties;
  claims: RefreshClaims;
  pace: RefreshPace;
  faults: RenewalFaults;
}

/** Renews tokens before anybody has to wait for them. */
export class DueRefresh implements DueWork {
  readonly name = 'refreshes';
  private readonly underWay = new UnderWay();

  constructor(
    private readonly parts: Parts,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Begins as many as there is room for, many at a time: together they cost few commits. */
  async runDue(signal: AbortSignal): Promise<number> {
    await this.underWay.atMost(AT_ONCE / 2);
    const due = await this.claim(AT_ONCE - this.underWay.size);
    for (const claimed of due) this.underWay.add(this.renew(claimed));
    if (due.length > 0 || this.underWay.size === 0 || signal.aborted) return due.length;
    // What is due may wait for what is under way at the same provider.
    await this.underWay.atMost(this.underWay.size / 2, LOOK_MS);
    return 1;
  }

  /** Resolves when nothing is under way. */
  async landed(): Promise<void> {
    await this.underWay.landed();
  }

  private async claim(limit: number): Promise<ClaimedToken[]> {
    const { claims, faults, pace, queue } = this.parts;
    if (faults.isResting) return [];
    // Most of the time nothing is due, and a read tells.
    const spared = await pace.look();
    return (await queue.isDue(this.clock.now(), spared)) ? claims.claim(limit, spared) : [];
  }

  private async renew(claimed: ClaimedToken): Promise<void> {
    try {
      await this.renewNow(claimed);
    } catch (error) {
      const { id: tokenId } = claimed.token;
      this.log.error({ err: error, tokenId }, 'a token could not be renewed; it is tried again in minutes');
      await this.release(claimed.token);
    }
  }

  /** What is still set aside makes room at its provider. */
  private async release(token: TokenEntity): Promise<void> {
    const soon = new Date(this.clock.now().getTime() + backoffMs(1));
    // It lapses all the same.
    await this.postpone(token, soon).catch(() => undefined);
  }

  private async renewNow({ isProbe, token }: ClaimedToken): Promise<void> {
    const ctx = hubContext(`refresh of ${token.id}`);
    try {
      const due = await this.plannedFor(token);
      if (due > this.clock.now()) {
        await this.postpone(token, due);
        if (isProbe) await this.parts.pace.probeNotSent(token);
        return;
      }
      const isReset = await this.isResetDue(token);
      const failure = isReset ? await this.reset(ctx, token) : await this.refresh(ctx, token);
      await this.parts.pace.ended(token, failure, isProbe);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      if (error instanceof ExchangeFailedError) {
        await this.release(token);
        return await this.parts.pace.ended(token, error.tokenError, isProbe);
      }
      await this.setAside(token, error);
      if (isProbe) await this.parts.pace.probeNotSent(token);
    }
  }

  private async refresh(ctx: RequestContext, token: TokenEntity): Promise<null> {
    const after = await this.parts.refreshes.joinAsRead(ctx, token);
    // Somebody else had renewed it before: it makes room.
    if (after.reservedBy !== null) await this.postpone(after, await this.plannedFor(after));
    return null;
  }

  /** @returns why it failed */
  private async reset(ctx: RequestContext, token: TokenEntity): Promise<TokenError | null> {
    try {
      const before = await this.parts.refreshes.find(token.id);
      const { token: after } = await this.parts.resets.reset(ctx, before, { id: token.id });
      return after?.connectionState === 'ERROR' ? after.lastError : null;
    } catch (error) {
      // Nothing was sent, and a refresh need not wait for what a person has to mend first.
      const isRefreshDue = (await this.plannedFor({ ...token, resetInterval: null })) <= this.clock.now();
      if (!(error instanceof UserError) || !isRefreshDue) throw error;
      return this.refresh(ctx, token);
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

  /** Nothing was sent: by what hindered it, that is for others, for later, or for a person. */
  private async setAside(token: TokenEntity, error: HubError): Promise<void> {
    if (error instanceof OutcomeUnknownError) return this.awaitOwner(token, error);
    if (isForPerson(error)) return this.leaveToPerson(token, error);
    // Others may take at once what this replica cannot do.
    if (this.parts.faults.note(token, error)) await this.postpone(token, this.clock.now());
    else await this.release(token);
  }

  private async awaitOwner(token: TokenEntity, { mayRepeatAt, ownerId }: OutcomeUnknownError): Promise<void> {
    // The owner may say so long before.
    const soon = new Date(this.clock.now().getTime() + AWAITED_MS);
    await this.postpone(token, mayRepeatAt < soon ? mayRepeatAt : soon);
    this.parts.faults.noteAwaited(ownerId, token, mayRepeatAt);
  }

  /** What nobody sees where it has to be mended is told on the token. */
  private async leaveToPerson(token: TokenEntity, error: HubError): Promise<void> {
    const now = this.clock.now();
    const lastError = toldOnToken(token, error, now);
    if (error instanceof VaultError) this.parts.faults.note(token, error);
    await this.unitOfWork.run(async (tx) => {
      await this.parts.queue.postpone(tx, token, { now, until: lookedAtAgain(error, now) });
      if (lastError !== null) await this.parts.leases.tell(tx, token, lastError, now);
    });
  }

  private postpone(token: TokenEntity, until: Date): Promise<void> {
    const now = this.clock.now();
    return this.unitOfWork.run((tx) => this.parts.queue.postpone(tx, token, { now, until }));
  }
}

/** A value that is damaged is so on all replicas. */
function isForPerson(error: HubError): boolean {
  if (error instanceof VaultError) return !(error instanceof KeyUnavailableError);
  return error instanceof UserError && FOR_A_PERSON.has(error.code);
}

function lookedAtAgain({ code }: HubError, now: Date): Date {
  if (code === 'NO_REFRESH_TOKEN') return NEVER;
  // Of an answer that is kept: as when it came.
  return code === 'PROVIDER_INVALID_RESPONSE' ? afterRefusal(now) : new Date(now.getTime() + UNUSABLE_MS);
}

function toldOnToken({ name }: TokenEntity, error: HubError, now: Date): TokenError | null {
  if (error.code === 'INTERACTION_REQUIRED')
    return hubTokenError('INTERACTION_REQUIRED', 'host_not_confirmed', error.message, now);
  if (!(error instanceof VaultError)) return null;
  const message = `What is stored to renew ${name} does not open: enter it again, or restore it from a backup. The log says more.`;
  return hubTokenError('INTERNAL', 'sealed_value', message, now);
}
