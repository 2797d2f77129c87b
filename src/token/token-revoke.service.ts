import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { Clock } from '../database/clock.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { deleteValues } from '../issued-value/delete-values.js';
import type { RequestContext } from '../request-context.js';
import type { RevocationPlan, RevocationPlanner } from '../revocation/revocation-planner.js';
import type { RevocationEntity } from '../revocation/revocation.entity.js';
import type { RevocationRepository } from '../revocation/revocation.repository.js';
import type { RevocationService } from '../revocation/revocation.service.js';
import type { OrphanAnswers } from './orphan-answers.js';
import type { RevocationOutcome } from './token-enums.js';
import { overtaken } from './token-remedy.js';
import type { TokenReadService } from './token-read.service.js';
import type { TokenEntity } from './token.entity.js';
import type { TokenRepository } from './token.repository.js';

interface Store {
  tokens: TokenRepository;
  reads: TokenReadService;
  revocations: RevocationRepository;
  orphans: OrphanAnswers;
}

/** Exchanges that end between reading and revoking; more of them in a row do not happen. */
const MAX_TRIES = 5;

/** Revokes and deletes tokens. */
export class TokenRevokeService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: Store,
    private readonly sending: { planner: RevocationPlanner; service: RevocationService },
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  /**
   * Dead here at once, before the provider is asked; what the provider must be told is stored in the same commit and
   * sent until it has answered. Revoking again sends what still waits.
   *
   * @throws UserError NOT_FOUND
   */
  async revoke(ctx: RequestContext, id: string): Promise<{ token: TokenEntity; outcome: RevocationOutcome }> {
    const { planner, service } = this.sending;
    let token = await this.store.reads.toChange(ctx, id);
    for (let tries = 0; !token.revokedAt; tries += 1) {
      if (tries === MAX_TRIES) throw overtaken(token);
      const ofToken = await planner.ofToken(token);
      const unread = await this.store.orphans.ofToken(token, { isDeleted: false, isRevoked: true });
      const plan = { ...ofToken, rows: [...ofToken.rows, ...rowsOf(unread)] };
      const revoked = await this.markRevoked(ctx, token, plan, unread);
      if (revoked) return { token: revoked, outcome: await service.send(ctx, plan) };
      token = await this.store.reads.existing(id);
    }
    return { token, outcome: (await service.sendAgain(ctx, id)) ?? (await planner.ofToken(token)).outcome };
  }

  /**
   * Without revoking, what came for the token and nobody has read is revoked only where that leaves alone what the token
   * held; the audit trail says where it is not.
   *
   * @throws UserError NOT_FOUND
   */
  async delete(
    ctx: RequestContext,
    id: string,
    revoke: boolean,
  ): Promise<{ id: string; outcome: RevocationOutcome | null }> {
    const token = await this.store.reads.toChange(ctx, id);
    const outcome = revoke ? (await this.revoke(ctx, id)).outcome : null;
    // An answer that is stored goes with the token, and what it gives would live on where nobody has it.
    const unread = await this.store.orphans.ofToken(token, {
      isDeleted: true,
      isRevoked: revoke || token.revokedAt !== null,
    });
    await deleteValues(this.unitOfWork, { tokenId: id });
    await this.unitOfWork.run(async (tx) => {
      await this.store.revocations.insert(tx, rowsOf(unread));
      await this.store.tokens.delete(tx, id);
      await this.audit.record(tx, ctx, {
        action: 'TOKEN_DELETED',
        subjectId: id,
        detail: { name: token.name, outcome, ...leftOf(unread) },
      });
    });
    return { id, outcome };
  }

  /** @returns null when another credential, or another revocation, came between */
  private markRevoked(
    ctx: RequestContext,
    token: TokenEntity,
    plan: RevocationPlan,
    unread: readonly RevocationPlan[],
  ): Promise<TokenEntity | null> {
    return this.unitOfWork.run(async (tx) => {
      if (!(await this.store.tokens.revoke(tx, token, this.clock.now()))) return null;
      await this.store.revocations.insert(tx, plan.rows);
      await this.store.orphans.endKept(tx, token.id);
      await this.audit.record(tx, ctx, {
        action: 'TOKEN_REVOKED',
        subjectId: token.id,
        detail: { name: token.name, toRevokeAtProvider: plan.rows.length, ...leftOf(unread) },
      });
      return this.store.tokens.findById(token.id, tx);
    });
  }
}

function rowsOf(plans: readonly RevocationPlan[]): RevocationEntity[] {
  return plans.flatMap(({ rows }) => [...rows]);
}

/** For the audit trail: why that of an answer which nobody has read is not revoked. */
function leftOf(unread: readonly RevocationPlan[]): { unread?: RevocationOutcome[] } {
  const left = unread.filter(({ rows }) => rows.length === 0).map(({ outcome }) => outcome);
  return left.length > 0 ? { unread: left } : {};
}
