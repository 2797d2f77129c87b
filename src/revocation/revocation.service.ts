import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { ClientCredentials } from '../client/client-credentials.js';
import type { ClientRepository } from '../client/client.repository.js';
import { EgressError } from '../connector/egress-error.js';
import type { Egress } from '../connector/egress.js';
import type { Clock } from '../database/clock.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics/metrics.js';
import { ProviderFailure } from '../oauth/provider-failure.js';
import { readRevocation, revocationRequest } from '../oauth/revocation.js';
import { storedAnswerOf } from '../oauth/stored-answer.js';
import type { ProviderRepository } from '../provider/provider.repository.js';
import type { RequestContext } from '../request-context.js';
import { isKnownHost } from '../token/credential-host.js';
import type { RevocationOutcome } from '../token/token-enums.js';
import { sealedRef } from '../vault/sealed-column.js';
import type { Vault } from '../vault/vault.js';
import type { RevocationPlan } from './revocation-planner.js';
import { RevocationEntity } from './revocation.entity.js';
import type { RevocationRepository } from './revocation.repository.js';
import { givenUp, type RevocationEnd, revocationOutcome, waitMs } from './revocation-rules.js';

/** Longer than a try may take. */
const HELD_MS = 60_000;
const DEADLINE_MS = 10_000;

interface Parts {
  revocations: RevocationRepository;
  providers: ProviderRepository;
  clients: ClientRepository;
  credentials: ClientCredentials;
  vault: Vault;
  metrics: Metrics;
  log: Log;
}

/** What a try came to, and when the next one may be. */
export interface Sent {
  end: RevocationEnd;
  retryAfterMs?: number | undefined;
  /** Whether the client was refused: the provider itself is well. */
  clientLevel?: boolean;
}

/** Sends revocations until the provider has answered each. @see RFC 7009 */
export class RevocationService {
  constructor(
    private readonly parts: Parts,
    private readonly unitOfWork: UnitOfWork,
    private readonly egress: Egress,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  /** What has been stored of the plan, for the first time. What cannot be sent now is tried again by itself. */
  async send(ctx: RequestContext, { outcome, rows }: RevocationPlan): Promise<RevocationOutcome> {
    return rows.length === 0 ? outcome : this.sendAll(rows, (row) => this.sendNow(ctx, row));
  }

  /** What came for a token that is gone: stored, and sent for the first time. Where it is left alone the trail says so. */
  async sendOrphan(ctx: RequestContext, tokenId: string, plan: RevocationPlan): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      await this.parts.revocations.insert(tx, plan.rows);
      if (plan.rows.length > 0) return;
      const detail = { end: plan.outcome };
      await this.audit.record(tx, ctx, { action: 'CREDENTIAL_REVOKED', subjectId: tokenId, success: false, detail });
    });
    await this.send(ctx, plan);
  }

  /** What still waits for a token that has been revoked. @returns null when nothing does */
  async sendAgain(ctx: RequestContext, tokenId: string): Promise<RevocationOutcome | null> {
    const rows = await this.parts.revocations.ofToken(tokenId);
    return rows.length === 0 ? null : this.sendAll(rows, (row) => this.sendUnlessTaken(ctx, row));
  }

  /** @returns null when somebody else has taken it since it was read, and sends it */
  async sendUnlessTaken(ctx: RequestContext, row: RevocationEntity): Promise<Sent | null> {
    const dueAt = new Date(this.clock.now().getTime() + HELD_MS);
    const isOurs = await this.unitOfWork.run((tx) => this.parts.revocations.postpone(tx, row, dueAt, row.tries));
    return isOurs ? this.sendNow(ctx, { ...row, dueAt }) : null;
  }

  private async sendAll(
    rows: readonly RevocationEntity[],
    send: (row: RevocationEntity) => Promise<Sent | null>,
  ): Promise<RevocationOutcome> {
    const ends: { hint: RevocationEntity['hint']; end: RevocationEnd }[] = [];
    for (const row of rows) ends.push({ hint: row.hint, end: (await send(row))?.end ?? 'UNREACHABLE' });
    return revocationOutcome(ends);
  }

  private async sendNow(ctx: RequestContext, row: RevocationEntity): Promise<Sent> {
    const sent = await this.try(row);
    const { end, retryAfterMs = 0 } = sent;
    const tries = row.tries + 1;
    const now = this.clock.now();
    const next = end === 'UNREACHABLE' ? waitMs(tries, now.getTime() - row.createdAt.getTime()) : null;
    await this.unitOfWork.run(async (tx) => {
      if (next === null) await this.parts.revocations.delete(tx, [row.id]);
      else {
        const until = new Date(now.getTime() + Math.max(next, retryAfterMs));
        await this.parts.revocations.postpone(tx, row, until, tries);
      }
      await this.audit.record(tx, ctx, {
        action: 'CREDENTIAL_REVOKED',
        subjectId: row.tokenId,
        success: end === 'REVOKED',
        detail: { credential: row.hint, end, tries },
      });
    });
    if (next === null) await this.tellIfGivenUp(row, end);
    return sent;
  }

  /** The credential may live on at the provider, and nothing waits for it any more. */
  private async tellIfGivenUp({ hint, providerId, tokenId }: RevocationEntity, end: RevocationEnd): Promise<void> {
    const reason = givenUp(hint, end);
    if (reason === null) return;
    // What is told here is stored already.
    const provider = await this.parts.providers.findById(providerId).catch(() => null);
    this.parts.metrics.revocationGivenUp(provider?.key ?? providerId, reason);
    this.parts.log.warn({ tokenId, providerId, credential: hint, reason }, 'a revocation is given up');
  }

  private async try(row: RevocationEntity): Promise<Sent> {
    const [provider, client] = await Promise.all([
      this.parts.providers.findById(row.providerId),
      this.parts.clients.findById(row.clientId),
    ]);
    const endpoint = provider?.revocationEndpoint;
    if (!client || !endpoint || !isKnownHost(row, endpoint)) return { end: 'NOWHERE' };
    const token = await this.parts.vault.open(sealedRef(RevocationEntity, 'value', row.id), row.value);
    const live = await this.parts.credentials.live(client.id);
    const secrets = live.length === 0 ? [undefined] : live;
    for (const [index, clientSecret] of secrets.entries()) {
      const request = { revocationEndpoint: endpoint, client: { ...client, clientSecret }, token };
      const result = await this.ask({ ...request, tokenTypeHint: row.hint });
      const isLast = index === secrets.length - 1;
      if (isLast || !result.clientLevel) return result;
    }
    return { end: 'REFUSED' };
  }

  private async ask(asked: Parameters<typeof revocationRequest>[0]): Promise<Sent> {
    try {
      const response = await this.egress.fetch({ ...revocationRequest(asked), deadlineMs: DEADLINE_MS });
      readRevocation(storedAnswerOf(response), { receivedAt: this.clock.now(), secrets: [asked.token] });
      return { end: 'REVOKED' };
    } catch (error) {
      if (error instanceof EgressError) return { end: 'UNREACHABLE' };
      if (error instanceof UserError) return { end: 'REFUSED' };
      if (!(error instanceof ProviderFailure)) throw error;
      const { clientLevel, permanent, retryAfterMs } = error;
      // Somebody will mend the client; the credential must not live on for that.
      if (!permanent || clientLevel) return { end: 'UNREACHABLE', retryAfterMs, clientLevel };
      return { end: error.error === 'unsupported_token_type' ? 'UNSUPPORTED' : 'REFUSED' };
    }
  }
}
