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
import type { Asked, ExchangeAdoption } from './exchange-adoption.service.js';
import type { ExchangeContexts } from './exchange-context.js';
import { mayBeInDoubt } from './exchange-doubts.js';
import { ExchangeFailedError } from './exchange-failed.error.js';
import type { ExchangeRecovery } from './exchange-recovery.service.js';
import type { ExchangeJournal } from './exchange-journal.js';
import { type ExchangeLeases, isLease, type Lease } from './exchange-lease.js';
import type { Exchange, ExchangeResult } from './exchange.js';
import type { ExchangesUnderWay } from './exchanges-under-way.js';
import type { SpoolDrain } from './spool-drain.js';
import type { TokenEntity } from './token.entity.js';
import type { UnsentLeases } from './unsent-leases.js';

/** With less time left nothing is sent: of a request that is cut off nobody knows what it has spent. */
const LEAST_TIME_MS = 5_000;

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
  drain: SpoolDrain;
  underWay: ExchangesUnderWay;
  unsent: UnsentLeases;
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
  run(ctx: RequestContext, token: TokenEntity, exchange: Exchange): Promise<ExchangeResult> {
    return this.storage.underWay.run(() => this.runNow(ctx, token, exchange));
  }

  private async runNow(ctx: RequestContext, token: TokenEntity, exchange: Exchange): Promise<ExchangeResult> {
    const { contexts, leases } = this.storage;
    if (mayBeInDoubt(token)) await this.readFormer(token);
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

  /** What an owner before this one was answered comes first, from the disk of this replica too. */
  private async readFormer(token: TokenEntity): Promise<void> {
    const { drain, spool } = this.storage;
    await drain.runDue().catch((error: unknown) => {
      if (spool.pending().some(({ attemptId }) => attemptId === token.leaseOwner)) throw error;
    });
    await this.recovery.adoptLapsed(token);
  }

  /** @throws UserError INTERNAL: nothing is spent whose answer might be lost */
  private async reserve(attemptId: string): Promise<SpoolSlot> {
    try {
      return await this.storage.spool.reserve(attemptId);
    } catch (error) {
      if (!(error instanceof SpoolUnavailableError)) throw error;
      const message =
        'Nothing was sent: the hub has no place on its disk to keep the answer. Tell the operator; the log says more.';
      throw new UserError({ code: 'INTERNAL', message }, { cause: error });
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
      return this.fail(ctx, asked(), error, sent);
    }
  }

  private async fail(
    ctx: RequestContext,
    asked: Asked & { lease: Lease },
    error: ProviderFailure | ExchangeFailedError,
    sent: Sent,
  ): Promise<ExchangeResult> {
    try {
      return await this.adoption.fail(ctx, asked, error, sent.answer);
    } catch (failure) {
      const isUnsent = error instanceof ProviderFailure && !error.outcomeUnknown && sent.answer === null;
      // The database is away: when it is back nobody shall take the outcome for unknown.
      if (isUnsent && !(failure instanceof ExchangeFailedError))
        this.storage.unsent.add(asked.lease.attemptId, asked.lease.token.id);
      throw failure;
    }
  }

  /** @throws ProviderFailure */
  private async ask(lease: Lease, exchange: Exchange, sent: Sent, slot: SpoolSlot | null): Promise<TokenAnswer> {
    for (const [index, request] of exchange.requests.entries()) {
      const isLast = index === exchange.requests.length - 1;
      const answer = await this.send(lease, Object.assign(sent, { request, answer: null }));
      const read = () => this.read(lease, exchange, request, answer);
      // A refusal of one secret is not what the exchange comes to while another one is left.
      if (!isLast && isClientRefused(read)) continue;
      await this.storage.journal.store(lease, exchange.client.id, answer, slot);
      return read();
    }
    throw new TypeError('An exchange has at least one request');
  }

  /** @throws ProviderFailure */
  private async send(lease: Lease, sent: Sent): Promise<StoredAnswer> {
    const sentAt = performance.now();
    const deadlineMs = lease.deadline.leftMs;
    if (deadlineMs < LEAST_TIME_MS) throw tooLate();
    try {
      return (sent.answer = storedAnswerOf(await this.egress.fetch({ ...sent.request, deadlineMs })));
    } catch (error) {
      throw error instanceof EgressError ? egressFailure(error) : error;
    } finally {
      sent.durationMs = Math.round(performance.now() - sentAt);
    }
  }

  /** @throws ProviderFailure */
  private read(lease: Lease, { provider }: Exchange, request: FormRequest, answer: StoredAnswer): TokenAnswer {
    const { expiresInUnit, scopeSeparator } = provider;
    const times = { sentAt: lease.startedAt, receivedAt: this.clock.now() };
    return readTokenAnswer(answer, { expiresInUnit, scopeSeparator, secrets: requestSecrets(request), ...times });
  }
}

function isClientRefused(read: () => TokenAnswer): boolean {
  try {
    read();
    return false;
  } catch (error) {
    return error instanceof ProviderFailure && error.clientLevel;
  }
}

function tooLate(): ProviderFailure {
  const description = 'The hub was held up, and too little of the time for the request was left to send it';
  return new ProviderFailure({ code: 'PROVIDER_UNREACHABLE', error: 'deadline', description, permanent: false });
}

function recordOf({ startedAt }: Lease, { tokenParameters }: Exchange, sent: Sent): string {
  return JSON.stringify({ ...exchangeRecord({ ...sent, tokenParameters }), occurredAt: startedAt });
}
