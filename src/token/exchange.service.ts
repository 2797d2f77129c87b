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
import { newId } from '../ids.js';
import type { RequestContext } from '../request-context.js';
import { SpoolUnavailableError } from '../spool/spool-error.js';
import type { SpoolSlot, Spool } from '../spool/spool.js';
import type { ExchangeAdoption } from './exchange-adoption.service.js';
import type { ExchangeContexts } from './exchange-context.js';
import { ExchangeFailedError } from './exchange-failed.error.js';
import type { ExchangeRecovery } from './exchange-recovery.service.js';
import type { ExchangeJournal } from './exchange-journal.js';
import { type ExchangeLeases, isLease, type Lease } from './exchange-lease.js';
import type { Exchange, ExchangeResult } from './exchange.js';
import type { TokenEntity } from './token.entity.js';

interface Sent {
  request: FormRequest;
  answer: StoredAnswer | null;
  durationMs: number;
}

interface Storage {
  leases: ExchangeLeases;
  journal: ExchangeJournal;
  contexts: ExchangeContexts;
  spool: Spool;
}

/**
 * Every exchange that yields a credential, in one order: lease, a place on disk, send, store the raw answer, read it,
 * adopt it. What fails is written to the token in words, and the credential from before stays as it is.
 */
export class ExchangeService {
  constructor(
    private readonly storage: Storage,
    private readonly adoption: ExchangeAdoption,
    private readonly recovery: ExchangeRecovery,
    private readonly egress: Egress,
    private readonly clock: Clock,
  ) {}

  /** @throws ExchangeFailedError, UserError */
  async run(ctx: RequestContext, token: TokenEntity, exchange: Exchange): Promise<ExchangeResult> {
    const { contexts, leases } = this.storage;
    const attemptId = newId('exchangeAttempt');
    const slot = exchange.spent === null ? null : await this.reserve(attemptId);
    try {
      const { kind, provider, spent } = exchange;
      const context = contexts.seal(attemptId, exchange);
      const taken = await leases.take(token, { attemptId, kind, rotation: provider.rotation, spent, context });
      if (!isLease(taken)) return { token: taken, adopted: false, replaced: null };
      return await this.carryOut(ctx, taken, exchange, slot);
    } finally {
      await slot?.release();
    }
  }

  /** @throws UserError INTERNAL: nothing is spent whose answer might be lost */
  private async reserve(attemptId: string): Promise<SpoolSlot> {
    try {
      return await this.storage.spool.reserve(attemptId);
    } catch (error) {
      if (!(error instanceof SpoolUnavailableError)) throw error;
      throw new UserError({ code: 'INTERNAL', message: `Nothing was sent. ${error.message}` }, { cause: error });
    }
  }

  private async carryOut(
    ctx: RequestContext,
    lease: Lease,
    exchange: Exchange,
    slot: SpoolSlot | null,
  ): Promise<ExchangeResult> {
    const sent: Sent = { request: exchange.requests[0], answer: null, durationMs: 0 };
    const asked = () => ({ lease, exchange, record: recordOf(lease, exchange, sent) });
    try {
      const answer = await this.ask(lease, exchange, sent, slot);
      return await this.adoption.adopt(ctx, asked(), answer);
    } catch (error) {
      // A fault in the hub: an answer that is stored stays stored, and is adopted later.
      if (!(error instanceof ProviderFailure || error instanceof ExchangeFailedError)) throw error;
      // Before the refresh token is given up: an answer that came late may hold the next one.
      if (error.code === 'REAUTHORIZATION_REQUIRED') await this.recovery.adoptLate(lease);
      return this.adoption.fail(ctx, asked(), error, sent.answer !== null);
    }
  }

  /** @throws ProviderFailure */
  private async ask(lease: Lease, exchange: Exchange, sent: Sent, slot: SpoolSlot | null): Promise<TokenAnswer> {
    for (const [index, request] of exchange.requests.entries()) {
      try {
        return await this.askOnce(lease, exchange, Object.assign(sent, { request, answer: null }), slot);
      } catch (error) {
        const isLast = index === exchange.requests.length - 1;
        if (isLast || !(error instanceof ProviderFailure && error.clientLevel)) throw error;
      }
    }
    throw new TypeError('An exchange has at least one request');
  }

  private async askOnce(
    lease: Lease,
    { provider }: Exchange,
    sent: Sent,
    slot: SpoolSlot | null,
  ): Promise<TokenAnswer> {
    const sentAt = performance.now();
    try {
      const response = await this.egress.fetch({ ...sent.request, deadlineMs: Math.max(1, lease.deadlineAt - sentAt) });
      sent.answer = storedAnswerOf(response);
    } catch (error) {
      throw error instanceof EgressError ? egressFailure(error) : error;
    } finally {
      sent.durationMs = Math.round(performance.now() - sentAt);
    }
    await this.storage.journal.store(lease, sent.answer, slot);
    const { expiresInUnit, scopeSeparator } = provider;
    const secrets = requestSecrets(sent.request);
    const sentAndReceived = { sentAt: lease.startedAt, receivedAt: this.clock.now() };
    return readTokenAnswer(sent.answer, { expiresInUnit, scopeSeparator, secrets, ...sentAndReceived });
  }
}

function recordOf({ startedAt }: Lease, { tokenParameters }: Exchange, sent: Sent): string {
  return JSON.stringify({ ...exchangeRecord({ ...sent, tokenParameters }), occurredAt: startedAt });
}
