import type { AuditAction } from '../audit/audit-event.js';
import { EgressError } from '../connector/egress-error.js';
import type { Egress } from '../connector/egress.js';
import type { Clock } from '../database/clock.js';
import { UserError } from '../errors.js';
import { egressFailure } from '../oauth/egress-failure.js';
import { exchangeRecord, requestSecrets } from '../oauth/exchange-record.js';
import type { FormRequest } from '../oauth/form-request.js';
import { ProviderFailure } from '../oauth/provider-failure.js';
import { type StoredAnswer, storedAnswerOf } from '../oauth/stored-answer.js';
import { readTokenAnswer, type TokenAnswer } from '../oauth/token-response.js';
import type { OAuthClient } from '../oauth/client-authentication.js';
import type { Parameter } from '../provider/parameter.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import type { RequestContext } from '../request-context.js';
import { NOTHING_TO_REVOKE, type RevocationPlan, type RevocationPlanner } from '../revocation/revocation-planner.js';
import type { RevocationService } from '../revocation/revocation.service.js';
import type { AccountReader } from './account-reader.js';
import { ExchangeFailedError, tokenErrorOf } from './exchange-failed.error.js';
import type { ExchangeJournal, Settlement } from './exchange-journal.js';
import { type ExchangeLeases, isLease, type Lease } from './exchange-lease.js';
import { refuseAnswer } from './exchange-rules.js';
import type { LifetimeReader } from './lifetime-reader.js';
import { adoptedColumns } from './token-adoption.js';
import type { ExchangeKind } from './token-enums.js';
import { overtaken, revokedForGood } from './token-remedy.js';
import type { TokenSecrets } from './token-secrets.js';
import { hasOwnCredential } from './token-status.js';
import type { TokenEntity } from './token.entity.js';

/** What to ask a provider for a token. */
export interface Exchange {
  readonly kind: ExchangeKind;
  readonly provider: ProviderEntity;
  /** Who asks, with the id of its row. */
  readonly client: OAuthClient & { readonly id: string };
  /** The refresh token or code that the request spends. */
  readonly spent: string | null;
  readonly askedScopes: readonly string[];
  /** The request once for each live client secret, the newest first; the next is sent when the client is refused. */
  readonly requests: readonly [FormRequest, ...FormRequest[]];
  /** Extra parameters in the requests: those that are not secret are shown. */
  readonly tokenParameters: readonly Parameter[];
  /** Nonce of the authorization request. */
  readonly nonce: string | null;
  readonly allowOtherAccount: boolean;
  /** Columns that change together with the credential, such as the scopes of a reset. */
  readonly alsoChange: Partial<TokenEntity>;
}

/** What became of an exchange. */
export interface ExchangeResult {
  readonly token: TokenEntity;
  /** Whether this exchange made the credential, or another owner did meanwhile. */
  readonly adopted: boolean;
  /** What is to be revoked of the credential from before; it is stored already. */
  readonly replaced: RevocationPlan | null;
}

interface Sent {
  request: FormRequest;
  answer: StoredAnswer | null;
  durationMs: number;
}

const ACTIONS: Record<ExchangeKind, AuditAction> = {
  REQUEST: 'TOKEN_OBTAINED',
  CODE: 'TOKEN_OBTAINED',
  REFRESH: 'TOKEN_REFRESHED',
  RESET: 'TOKEN_RESET',
  IMPORT: 'TOKEN_IMPORTED',
};

interface Parts {
  accounts: AccountReader;
  lifetimes: LifetimeReader;
  secrets: TokenSecrets;
  revocations: { planner: RevocationPlanner; service: RevocationService };
}

/** What obtains a credential beside one that lives, instead of renewing it. */
const REPLACING: ReadonlySet<ExchangeKind> = new Set(['CODE', 'RESET']);

/**
 * Every exchange that yields a credential, in one order: lease, send, store the raw answer, read it, adopt it. What fails
 * is written to the token in words, and the credential from before stays as it is.
 */
export class ExchangeService {
  constructor(
    private readonly leases: ExchangeLeases,
    private readonly journal: ExchangeJournal,
    private readonly egress: Egress,
    private readonly parts: Parts,
    private readonly clock: Clock,
  ) {}

  /** @throws ExchangeFailedError, UserError */
  async run(ctx: RequestContext, token: TokenEntity, exchange: Exchange): Promise<ExchangeResult> {
    const taken = await this.leases.take(token, exchange.kind, exchange.spent);
    if (!isLease(taken)) return { token: taken, adopted: false, replaced: null };
    const sent: Sent = { request: exchange.requests[0], answer: null, durationMs: 0 };
    try {
      const answer = await this.ask(taken, exchange, sent);
      return await this.adopt(ctx, taken, exchange, sent, answer);
    } catch (error) {
      return this.fail(ctx, taken, exchange, sent, error);
    }
  }

  /** @throws ProviderFailure */
  private async ask(lease: Lease, exchange: Exchange, sent: Sent): Promise<TokenAnswer> {
    for (const [index, request] of exchange.requests.entries()) {
      try {
        return await this.askOnce(lease, exchange, Object.assign(sent, { request, answer: null }));
      } catch (error) {
        const isLast = index === exchange.requests.length - 1;
        if (isLast || !(error instanceof ProviderFailure && error.clientLevel)) throw error;
      }
    }
    throw new TypeError('An exchange has at least one request');
  }

  private async askOnce(lease: Lease, { provider }: Exchange, sent: Sent): Promise<TokenAnswer> {
    const sentAt = performance.now();
    try {
      const response = await this.egress.fetch({ ...sent.request, deadlineMs: Math.max(1, lease.deadlineAt - sentAt) });
      sent.answer = storedAnswerOf(response);
    } catch (error) {
      throw error instanceof EgressError ? egressFailure(error) : error;
    } finally {
      sent.durationMs = Math.round(performance.now() - sentAt);
    }
    await this.journal.store(lease, sent.answer);
    const { expiresInUnit, scopeSeparator } = provider;
    const context = {
      expiresInUnit,
      scopeSeparator,
      sentAt: lease.startedAt,
      receivedAt: this.clock.now(),
      secrets: requestSecrets(sent.request),
    };
    return readTokenAnswer(sent.answer, context);
  }

  private async adopt(
    ctx: RequestContext,
    lease: Lease,
    exchange: Exchange,
    sent: Sent,
    answer: TokenAnswer,
  ): Promise<ExchangeResult> {
    const { askedScopes, client, kind, provider, spent } = exchange;
    const account = await this.parts.accounts.read(exchange, answer);
    const now = this.clock.now();
    refuseAnswer({ ...exchange, account, answer, now }, lease.token);
    const { startedAt, token: before } = lease;
    const lifetimeSeconds = await this.parts.lifetimes.read(exchange, answer, startedAt);
    const from = { kind, provider, clientId: client.id, askedScopes, spent, startedAt };
    const adoption = { ...from, answer, account, lifetimeSeconds };
    const columns = adoptedColumns({ ...adoption, token: before }, this.parts.secrets);
    const { planner, service } = this.parts.revocations;
    const keepsRefreshToken = columns.refreshToken === before.refreshToken;
    const replaced = REPLACING.has(kind)
      ? await planner.ofReplaced(before, provider, answer, keepsRefreshToken)
      : NOTHING_TO_REVOKE;
    const unwanted = planner.ofAnswer(before.id, client.id, provider, answer);
    const { isWanted, settled, token } = await this.journal.settle(ctx, lease, {
      state: 'ADOPTED',
      changes: { ...columns, ...exchange.alsoChange, lastExchange: this.record(lease, exchange, sent) },
      action: ACTIONS[kind],
      success: true,
      detail: { kind, generation: before.generation + 1 },
      revocations: { replaced: replaced.rows, unwanted: unwanted.rows },
    });
    if (!isWanted) await service.send(ctx, unwanted);
    if (!token) throw new UserError({ code: 'NOT_FOUND', field: ['id'], message: 'The token was deleted meanwhile.' });
    if (token.revokedAt) throw revokedForGood(token);
    if (!settled && token.generation <= before.generation) throw overtaken(token);
    return { token, adopted: settled, replaced: settled && before.issuedAt ? replaced : null };
  }

  private async fail(
    ctx: RequestContext,
    lease: Lease,
    exchange: Exchange,
    sent: Sent,
    error: unknown,
  ): Promise<ExchangeResult> {
    // A fault in the hub: an answer that is stored stays stored.
    if (!(error instanceof ProviderFailure || error instanceof ExchangeFailedError)) throw error;
    const tokenError =
      error instanceof ExchangeFailedError
        ? error.tokenError
        : tokenErrorOf(error, this.clock.now(), lease.token.grantType);
    const isFinal = tokenError.code === 'REAUTHORIZATION_REQUIRED' && exchange.kind === 'REFRESH';
    const spentRefreshToken = exchange.spent !== null;
    const changes: Settlement['changes'] = {
      connectionState: 'ERROR',
      lastError: tokenError,
      lastExchange: this.record(lease, exchange, sent),
      ...(isFinal ? deadCredential(lease.token, spentRefreshToken) : {}),
    };
    const { error: word, httpStatus } = tokenError;
    const { settled, token } = await this.journal.settle(ctx, lease, {
      state: sent.answer ? 'REFUSED' : 'UNANSWERED',
      changes,
      action: 'EXCHANGE_FAILED',
      success: false,
      detail: { kind: exchange.kind, error: word, httpStatus },
    });
    // Refused because another owner has spent the refresh token meanwhile: its credential is the answer.
    if (!settled && token && token.generation > lease.token.generation)
      return { token, adopted: false, replaced: null };
    throw new ExchangeFailedError(lease.token.id, tokenError, { cause: error });
  }

  private record({ startedAt }: Lease, { tokenParameters }: Exchange, sent: Sent): string {
    return JSON.stringify({ ...exchangeRecord({ ...sent, tokenParameters }), occurredAt: startedAt });
  }
}

/** What was refused for good is not sent again: the grant itself stands in for a refresh token where there is one. */
function deadCredential(token: TokenEntity, spentRefreshToken: boolean): Partial<TokenEntity> {
  return spentRefreshToken && hasOwnCredential(token) ? { refreshToken: null } : { renewable: false };
}
