import type { AuditAction } from '../audit/audit-event.js';
import type { Clock } from '../database/clock.js';
import { UserError } from '../errors.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics/metrics.js';
import { hiddenCredentials } from '../oauth/hidden-token.js';
import { ProviderFailure } from '../oauth/provider-failure.js';
import type { StoredAnswer } from '../oauth/stored-answer.js';
import type { Credentials, TokenAnswer } from '../oauth/token-response.js';
import type { RequestContext } from '../request-context.js';
import { NOTHING_TO_REVOKE, type RevocationPlan, type RevocationPlanner } from '../revocation/revocation-planner.js';
import type { RevocationService } from '../revocation/revocation.service.js';
import type { AccountReader } from './account-reader.js';
import { AnswerRefusedError, ExchangeFailedError, tokenErrorOf } from './exchange-failed.error.js';
import { FORGIVING } from './repeat-rules.js';
import { failureChanges } from './exchange-failure.js';
import type { ExchangeJournal } from './exchange-journal.js';
import { refuseAnswer } from './exchange-rules.js';
import type { SettledLease, Settlement } from './exchange-settlement.js';
import type { ExchangeResult, ReadableExchange } from './exchange.js';
import type { LifetimeReader } from './lifetime-reader.js';
import { adoptedColumns } from './token-adoption.js';
import type { ExchangeKind } from './token-enums.js';
import { overtaken, revokedForGood, unreadRemedy } from './token-remedy.js';
import { nextRefreshAt } from './token-schedule.js';
import type { TokenSecrets } from './token-secrets.js';
import { hasOwnCredential } from './token-status.js';
import type { TokenError } from './token-error.js';
import type { TokenEntity } from './token.entity.js';

/** An answer, or the lack of one, and by whom it was asked for. */
export interface Asked {
  readonly lease: SettledLease & { readonly startedAt: Date };
  readonly exchange: ReadableExchange;
  /** JSON for the operator; null when the request is not at hand any more. */
  readonly record: string | null;
}

const KEPT = 'an answer of a provider cannot be read, and is kept: its token waits for somebody';
const LIVES_ON = 'an answer for a token that has ended cannot be read: what it gave may live on at its provider';

const ACTIONS: Record<ExchangeKind, AuditAction> = {
  REQUEST: 'TOKEN_OBTAINED',
  CODE: 'TOKEN_OBTAINED',
  REFRESH: 'TOKEN_REFRESHED',
  RESET: 'TOKEN_RESET',
  IMPORT: 'TOKEN_IMPORTED',
};

/** What obtains a credential beside one that lives, instead of renewing it. */
const REPLACING: ReadonlySet<ExchangeKind> = new Set(['CODE', 'RESET']);

interface Parts {
  accounts: AccountReader;
  lifetimes: LifetimeReader;
  secrets: TokenSecrets;
  log: Log;
}

/** Makes a provider's answer the credential of its token, or writes down why not. */
export class ExchangeAdoption {
  constructor(
    private readonly journal: ExchangeJournal,
    private readonly parts: Parts,
    private readonly revocations: { planner: RevocationPlanner; service: RevocationService },
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Also when a newer lease was taken meanwhile, as long as that one has brought no credential.
   *
   * @throws ProviderFailure, ExchangeFailedError for an answer that must not be kept; UserError NOT_FOUND, DISABLED,
   *   CONFLICT
   */
  async adopt(ctx: RequestContext, asked: Asked, answer: TokenAnswer): Promise<ExchangeResult> {
    const { exchange, lease } = asked;
    const before = lease.token;
    const settlement = await this.settlement(asked, answer);
    let { epoch } = lease;
    for (;;) {
      // A late answer ends the lease that was taken after its own.
      const changes = { ...settlement.changes, ...(epoch === lease.epoch ? {} : { epoch: epoch + 1 }) };
      const result = await this.journal.settle(ctx, { ...lease, epoch }, { ...settlement, changes });
      const { isWanted, settled, token } = result;
      const isAwaited = isWanted && !settled && token?.generation === before.generation;
      if (isAwaited && token.epoch !== epoch) {
        epoch = token.epoch;
        continue;
      }
      if (settled) this.metrics.exchangeEnded(exchange.provider.key, exchange.kind, 'adopted');
      if (!token) {
        await this.endOrphan(ctx, asked, answer);
        throw deletedMeanwhile();
      }
      if (!isWanted) await this.revocations.service.send(ctx, settlement.unwanted);
      if (token.revokedAt) throw revokedForGood(token);
      if (!settled && token.generation <= before.generation) throw overtaken(token);
      const isReplaced = settled && before.issuedAt !== null && REPLACING.has(exchange.kind);
      return { token, adopted: settled, replaced: isReplaced ? settlement.replaced : null };
    }
  }

  /**
   * Writes the failure to the token. What must not be kept is revoked at the provider.
   *
   * @returns the newer credential when another owner has obtained one meanwhile
   * @throws ExchangeFailedError
   */
  async fail(
    ctx: RequestContext,
    asked: Asked,
    error: ProviderFailure | ExchangeFailedError,
    answer: StoredAnswer | null,
  ): Promise<ExchangeResult> {
    const { exchange, lease, record } = asked;
    const now = this.clock.now();
    const isKept = isAnswerKept(exchange, lease.token, error);
    const found = foundOf(error, now, lease.token, isKept);
    const isUnknown = error instanceof ProviderFailure && error.outcomeUnknown && !isKept;
    const { changes, tokenError } = failureChanges({ exchange, token: lease.token, found, isUnknown, now });
    this.metrics.exchangeEnded(exchange.provider.key, exchange.kind, tokenError.code);
    const hidden = answer && mayHoldToken(error) ? hiddenCredentials(answer) : null;
    const { refused, unwanted } = await this.planFailed(asked, error, hidden);
    const { isWanted, settled, token } = await this.journal.settle(ctx, lease, {
      // An answer that was read may wait on the disk as well: it must not count once more.
      state: isKept ? 'UNREADABLE' : answer ? 'REFUSED' : isUnknown ? 'UNKNOWN' : 'NOT_SENT',
      changes: { ...changes, ...(record === null ? {} : { lastExchange: record }) },
      action: 'EXCHANGE_FAILED',
      success: false,
      detail: { kind: exchange.kind, error: tokenError.error, httpStatus: tokenError.httpStatus },
      // By the grant itself, in place of the refresh token that is dead.
      isFollowed: changes.refreshToken === null,
      revocations: { refused: refused.rows, unwanted: unwanted.rows },
    });
    if (isKept && settled) this.parts.log.error(placeOf(asked), KEPT);
    if (hidden && !isWanted && unwanted.rows.length === 0) this.parts.log.warn(placeOf(asked), LIVES_ON);
    if (hidden && !token) await this.endOrphan(ctx, asked, hidden);
    // What cannot be sent now is sent later: the failure is what the caller must hear of.
    for (const plan of token && !isWanted ? [refused, unwanted] : [refused])
      await this.revocations.service.send(ctx, plan).catch(() => undefined);
    // Refused because another owner has spent the refresh token meanwhile: its credential is the answer.
    if (!settled && token && token.generation > lease.token.generation)
      return { token, adopted: false, replaced: null };
    throw new ExchangeFailedError(lease.token.id, tokenError, { cause: error });
  }

  /** What came for a token that is gone is revoked as the deletion wanted it. */
  private async endOrphan(ctx: RequestContext, { exchange, lease }: Asked, given: Credentials): Promise<void> {
    const { planner, service } = this.revocations;
    const { client, provider } = exchange;
    await service.sendOrphan(ctx, lease.token.id, await planner.ofOrphan(lease.token, client.id, provider, given));
  }

  /** @param hidden what is in an answer that cannot be read; null for any other */
  private async planFailed(
    { exchange: { client, provider }, lease: { token } }: Asked,
    error: Error,
    hidden: Credentials | null,
  ): Promise<Record<'refused' | 'unwanted', RevocationPlan>> {
    const { planner } = this.revocations;
    const isRefused = error instanceof AnswerRefusedError;
    return {
      refused: isRefused ? await planner.ofRefused(token, client.id, provider, error.answer) : NOTHING_TO_REVOKE,
      unwanted: hidden ? planner.ofAnswer(token.id, client.id, provider, hidden) : NOTHING_TO_REVOKE,
    };
  }

  private async settlement({ exchange, lease, record }: Asked, answer: TokenAnswer) {
    const { askedScopes, client, kind, provider, spent } = exchange;
    const { startedAt, token: before } = lease;
    const account = await this.parts.accounts.read(exchange, answer, startedAt);
    refuseAnswer({ ...exchange, account, answer, now: this.clock.now() }, before);
    const lifetimeSeconds = await this.parts.lifetimes.read(exchange, answer, startedAt);
    const countedFrom = earlierOf(startedAt, this.clock.now());
    const from = { kind, provider, clientId: client.id, askedScopes, spent, startedAt: countedFrom };
    const token: TokenEntity = { ...before, ...exchange.alsoChange };
    const columns = adoptedColumns({ ...from, answer, account, lifetimeSeconds, token }, this.parts.secrets);
    const due = nextRefreshAt({ ...token, ...columns }, provider, this.clock.now());
    const { planner } = this.revocations;
    const keepsRefreshToken = columns.refreshToken === before.refreshToken;
    const replaced = REPLACING.has(kind)
      ? await planner.ofReplaced(before, provider, answer, keepsRefreshToken)
      : NOTHING_TO_REVOKE;
    const unwanted = planner.ofAnswer(before.id, client.id, provider, answer);
    return {
      state: 'ADOPTED',
      changes: {
        ...exchange.alsoChange,
        ...columns,
        nextRefreshAt: due,
        ...(record === null ? {} : { lastExchange: record }),
      },
      action: ACTIONS[kind],
      success: true,
      detail: { kind, generation: before.generation + 1 },
      revocations: { replaced: replaced.rows, unwanted: unwanted.rows },
      replaced,
      unwanted,
    } satisfies Settlement & Record<'replaced' | 'unwanted', unknown>;
  }
}

function deletedMeanwhile(): UserError {
  return new UserError({ code: 'NOT_FOUND', field: ['id'], message: 'The token was deleted meanwhile.' });
}

/** For the log. */
function placeOf({ lease: { attemptId, token } }: Asked): object {
  return { tokenId: token.id, providerId: token.providerId, attemptId };
}

function mayHoldToken(error: Error): boolean {
  return error instanceof ProviderFailure && error.mayHoldToken;
}

/** Whether the answer may hold what nothing else can bring any more: the one-time credential for it is spent. */
function isAnswerKept({ kind, provider, spent }: ReadableExchange, token: TokenEntity, error: Error): boolean {
  if (!mayHoldToken(error) || spent === null) return false;
  return kind === 'CODE' || (!FORGIVING.has(provider.rotation) && !hasOwnCredential(token));
}

function foundOf(
  error: ProviderFailure | ExchangeFailedError,
  now: Date,
  token: TokenEntity,
  isKept: boolean,
): TokenError {
  if (error instanceof ExchangeFailedError) return error.tokenError;
  const found = tokenErrorOf(error, now, token.grantType);
  return isKept ? { ...found, message: `${error.happened} ${unreadRemedy(token)}` } : found;
}

/** While the request was under way the clock may have been set back: a lifetime never begins in the future. */
function earlierOf(startedAt: Date, now: Date): Date {
  return startedAt < now ? startedAt : now;
}
