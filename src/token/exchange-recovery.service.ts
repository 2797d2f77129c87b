import type { DueWork } from '../background/engine.js';
import type { Clock } from '../database/clock.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import type { Log } from '../log.js';
import { ProviderFailure } from '../oauth/provider-failure.js';
import type { StoredAnswer } from '../oauth/stored-answer.js';
import { readTokenAnswer, type TokenAnswer } from '../oauth/token-response.js';
import { hubContext } from '../request-context.js';
import type { Asked, ExchangeAdoption } from './exchange-adoption.service.js';
import type { ExchangeAttemptEntity } from './exchange-attempt.entity.js';
import type { ExchangeAttemptRepository } from './exchange-attempt.repository.js';
import type { ExchangeContexts } from './exchange-context.js';
import { ExchangeFailedError, hubTokenError } from './exchange-failed.error.js';
import { FORGIVING } from './repeat-rules.js';
import type { ExchangeJournal } from './exchange-journal.js';
import { type Lease, LEASE_MS } from './exchange-lease.js';
import type { ExchangeOwners } from './exchange-owners.js';
import type { ReadableExchange } from './exchange.js';
import type { TokenLeaseRepository } from './token-lease.repository.js';
import { stuckRemedy, unreadRemedy } from './token-remedy.js';
import type { TokenEntity } from './token.entity.js';
import type { TokenRepository } from './token.repository.js';

const BATCH = 50;
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;
/** An answer that rests so long has failed five times: its token says so. */
const TOLD_REST_MS = 16 * FIRST_REST_MS;
/** Of one that was not looked at for so long after its rest somebody else has made an end. */
const FORGOTTEN_MS = 60 * 60_000;
/** On the token, in place of a code of the provider. */
const STUCK = 'answer_not_adopted';
/** An owner that has not come back by then is taken for gone. */
const GONE_MS = 24 * 60 * 60_000;

interface Stored {
  tokens: TokenRepository;
  leases: TokenLeaseRepository;
  attempts: ExchangeAttemptRepository;
  contexts: ExchangeContexts;
  journal: ExchangeJournal;
  owners: ExchangeOwners;
}

/** Ends what an owner has not ended: adopts answers that were stored and not read, and says so where there is none. */
export class ExchangeRecovery implements DueWork {
  readonly name = 'recovery of exchanges';
  /** The last one of the page before: those that cannot be read must not stand before the others. */
  private lastSeen = '';
  /** By attempt, until when on the monotonic clock: one that could not be ended is left alone, longer each time. */
  private readonly rests = new Map<string, { until: number; restMs: number }>();

  constructor(
    private readonly stored: Stored,
    private readonly adoption: ExchangeAdoption,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * At the start of a replica, after its spool is drained: no answer to what its former life has sent will turn up any
   * more, so that nobody has to wait for one.
   *
   * @param ownerId of this replica, or of a former one whose spool it has drained
   * @param isLeft which of them are of that life
   * @returns ids of those that could not be ended, as the database went away or what they hold does not open
   */
  async reclaim(ownerId: string, isLeft: (attempt: ExchangeAttemptEntity) => boolean = () => true): Promise<string[]> {
    const left = (await this.stored.attempts.openOf(ownerId)).filter(isLeft);
    const open = left.filter((attempt) => !this.isResting(attempt));
    if (open.length > 0)
      this.log.warn({ exchanges: open.length }, 'exchanges of a former life of this replica are ended');
    for (const attempt of open) await this.tryEnd(attempt);
    return left.filter(({ id }) => this.rests.has(id)).map(({ id }) => id);
  }

  /** Answers whose owner has not come to read them. */
  async runDue(signal: AbortSignal): Promise<number> {
    const lapsed = new Date(this.clock.now().getTime() - LEASE_MS);
    const page = await this.stored.attempts.answeredBefore(lapsed, this.lastSeen, BATCH);
    this.lastSeen = page.length === BATCH ? (page.at(-1)?.id ?? '') : '';
    for (const attempt of page) {
      if (signal.aborted) break;
      if (!this.isResting(attempt)) await this.tryEnd(attempt);
    }
    return 0;
  }

  /** Ends what owners have sent who never came back, and what tells nothing of the credential that stands now. */
  async purge(): Promise<void> {
    for (const [id, { until }] of this.rests) if (until + FORGOTTEN_MS < performance.now()) this.rests.delete(id);
    const lapsed = new Date(this.clock.now().getTime() - LEASE_MS);
    let page: ExchangeAttemptEntity[] = [];
    do {
      page = await this.stored.attempts.startedBefore(lapsed, page.at(-1)?.id ?? '', BATCH);
      if (page.length === 0) break;
      const tokens = await this.stored.tokens.findByIds(page.map(({ tokenId }) => tokenId));
      const byId = new Map(tokens.map((token) => [token.id, token]));
      for (const attempt of page) await this.tryEnd(attempt, () => this.endLapsed(attempt, byId.get(attempt.tokenId)));
    } while (page.length === BATCH);
  }

  /** The newest answer that is stored for the token and not read yet, but for that of the attempt that asks. */
  async adoptLate({ attemptId, token }: Pick<Lease, 'attemptId' | 'token'>): Promise<void> {
    for (const attempt of await this.stored.attempts.answeredOf(token.id)) {
      if (attempt.id !== attemptId && (await this.tryEnd(attempt))) return;
    }
  }

  /** Before the lease of an owner is taken over that has not come back in time. */
  async adoptLapsed(token: TokenEntity): Promise<void> {
    if (token.leaseUntilMs <= this.clock.now().getTime()) await this.adoptLate({ attemptId: '', token });
  }

  /**
   * What is kept as nobody could read it is tried before anything is sent: by now the hub may know where to look.
   *
   * @returns the token where that made its credential
   * @throws UserError PROVIDER_INVALID_RESPONSE while the refresh token is spent for an answer that cannot be read
   */
  async readKept(token: TokenEntity): Promise<TokenEntity | null> {
    if (token.lastError === null || token.revokedAt) return null;
    for (const attempt of await this.stored.attempts.unreadableOf(token)) {
      const exchange = await this.stored.contexts.restore(attempt, token);
      if (await this.isReadable(attempt, exchange)) {
        const renewed = await this.end(attempt);
        if (renewed) return renewed;
      } else if (attempt.kind === 'REFRESH' && !FORGIVING.has(exchange.provider.rotation)) throw unread(token);
    }
    return null;
  }

  private async isReadable(attempt: ExchangeAttemptEntity, exchange: ReadableExchange): Promise<boolean> {
    const answer = await this.stored.journal.answerOf(attempt);
    try {
      if (answer) this.read(attempt, exchange, answer);
      return true;
    } catch (error) {
      if (error instanceof ProviderFailure) return !error.mayHoldToken;
      throw error;
    }
  }

  /** @throws ProviderFailure */
  private read(
    { startedAt }: ExchangeAttemptEntity,
    { provider }: ReadableExchange,
    answer: StoredAnswer,
  ): TokenAnswer {
    const { expiresInUnit, scopeSeparator } = provider;
    const when = { sentAt: startedAt, receivedAt: this.clock.now() };
    return readTokenAnswer(answer, { expiresInUnit, scopeSeparator, secrets: [], ...when });
  }

  /** One that cannot be read must not hold up the others; it stays, and the log tells each time. */
  private async tryEnd(attempt: ExchangeAttemptEntity, end = () => this.end(attempt)): Promise<TokenEntity | null> {
    const { id, tokenId } = attempt;
    try {
      const token = await end();
      this.rests.delete(id);
      return token;
    } catch (error) {
      this.log.error({ err: error, attemptId: id, tokenId }, 'an exchange could not be recovered; it is tried again');
      if (error instanceof UserError && error.code === 'NOT_FOUND') return this.supersede(attempt);
      const restMs = Math.min(LONGEST_REST_MS, 2 * (this.rests.get(id)?.restMs ?? FIRST_REST_MS / 2));
      this.rests.set(id, { until: performance.now() + restMs, restMs });
      // The log has told why.
      if (restMs >= TOLD_REST_MS) await this.tell(attempt).catch(() => undefined);
      return null;
    }
  }

  /** On the token that waits for the answer: nothing else would say why it is not renewed. */
  private async tell({ answer, generation, id, tokenId }: ExchangeAttemptEntity): Promise<void> {
    const token = answer === null ? null : await this.stored.tokens.findById(tokenId);
    if (!token || token.revokedAt || token.generation !== generation) return;
    const isHeldByOther = token.leaseOwner !== null && token.leaseOwner !== id;
    if (isHeldByOther || token.lastError?.error === STUCK) return;
    const now = this.clock.now();
    const lastError = hubTokenError('INTERNAL', STUCK, stuckRemedy(token), now);
    await this.unitOfWork.run((tx) => this.stored.leases.tell(tx, token, lastError, now));
  }

  private isResting({ id }: ExchangeAttemptEntity): boolean {
    return (this.rests.get(id)?.until ?? 0) > performance.now();
  }

  /** @returns the token where the attempt made its credential */
  private async end(attempt: ExchangeAttemptEntity): Promise<TokenEntity | null> {
    const token = await this.stored.tokens.findById(attempt.tokenId);
    if (!token) return null;
    if (token.generation !== attempt.generation && token.revokedAt === null) return this.supersede(attempt);
    // Another owner is at it, or was, and says what became of it.
    if (attempt.answer === null && token.leaseOwner !== attempt.id) return this.giveUp(attempt);
    const isHeldByOther = token.leaseOwner !== null && token.leaseOwner !== attempt.id;
    const restored = await this.stored.contexts.restore(attempt, token);
    // A lease that was taken meanwhile ends with this.
    const exchange = { ...restored, alsoChange: { ...restored.alsoChange, epoch: token.epoch + 1 } };
    const { id: attemptId, startedAt } = attempt;
    const lease = { attemptId, epoch: token.epoch, token, startedAt };
    return this.conclude(attempt, { lease, exchange, record: null }, isHeldByOther);
  }

  /** What may still be answered stays, and what nobody may repeat yet. */
  private async endLapsed(attempt: ExchangeAttemptEntity, token?: TokenEntity): Promise<TokenEntity | null> {
    // A new credential may have kept the refresh token, with the doubt about it.
    if (!token || (token.generation !== attempt.generation && token.unknownOutcomes === 0)) return this.giveUp(attempt);
    const now = this.clock.now();
    if (attempt.startedAt.getTime() > now.getTime() - GONE_MS) return null;
    const { provider } = await this.stored.contexts.restore(attempt, token);
    const at = await this.stored.owners.mayRepeatAt(attempt, provider.rotation, token);
    if (at && at > now) return null;
    return token.leaseOwner === attempt.id ? this.end(attempt) : this.giveUp(attempt);
  }

  private async conclude(
    attempt: ExchangeAttemptEntity,
    asked: Asked,
    isHeldByOther: boolean,
  ): Promise<TokenEntity | null> {
    const ctx = hubContext(attempt.id);
    const answer = await this.stored.journal.answerOf(attempt);
    try {
      if (!answer) throw interrupted(attempt, this.clock.now());
      const { adopted, token } = await this.adoption.adopt(ctx, asked, this.read(attempt, asked.exchange, answer));
      if (adopted)
        this.log.info({ tokenId: token.id, attemptId: attempt.id }, 'an answer that nobody had read is adopted');
      return adopted ? token : null;
    } catch (error) {
      const isFailure = error instanceof ProviderFailure || error instanceof ExchangeFailedError;
      // By the lease of its own, which is over: the failure tells nothing of the token that another owner is at.
      const { epoch } = isHeldByOther ? attempt : asked.lease;
      const failed = { ...asked, lease: { ...asked.lease, epoch } };
      if (isFailure) await this.adoption.fail(ctx, failed, error, answer).catch(expected);
      else if (!(error instanceof UserError)) throw error;
      return null;
    }
  }

  /** An answer that has come meanwhile stays. */
  private async giveUp({ id }: ExchangeAttemptEntity): Promise<null> {
    await this.unitOfWork.run((tx) => this.stored.attempts.giveUp(tx, [id], this.clock.now()));
    return null;
  }

  private async supersede({ id }: ExchangeAttemptEntity): Promise<null> {
    await this.unitOfWork.run((tx) => this.stored.attempts.finish(tx, [id], 'SUPERSEDED', this.clock.now()));
    return null;
  }
}

/** A failure is on its token now. */
function expected(error: unknown): void {
  if (!(error instanceof ExchangeFailedError)) throw error;
}

function unread(token: TokenEntity): UserError {
  const message = `The answer to an earlier refresh of ${token.name} cannot be read. ${unreadRemedy(token)}`;
  return new UserError({ code: 'PROVIDER_INVALID_RESPONSE', field: ['id'], message });
}

function interrupted({ kind, tokenId }: ExchangeAttemptEntity, now: Date): ProviderFailure | ExchangeFailedError {
  if (kind === 'REFRESH' || kind === 'RESET') {
    return new ProviderFailure({
      code: 'PROVIDER_UNREACHABLE',
      error: 'interrupted',
      description: 'The hub was stopped before the answer came',
      permanent: false,
      outcomeUnknown: true,
    });
  }
  const message =
    'The hub was stopped before the answer of the provider came: use retryTokenRequest, or import it anew.';
  return new ExchangeFailedError(tokenId, hubTokenError('PROVIDER_UNREACHABLE', 'interrupted', message, now));
}
