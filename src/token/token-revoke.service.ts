import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { Clock } from '../database/clock.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import type { RequestContext } from '../request-context.js';
import type { RevocationOutcome } from './token-enums.js';
import type { TokenReadService } from './token-read.service.js';
import type { TokenRevocation } from './token-revocation.service.js';
import type { TokenEntity } from './token.entity.js';
import type { TokenRepository } from './token.repository.js';

/** A revoked token keeps its history and nothing that could be used. */
const WIPED: Partial<TokenEntity> = {
  accessToken: null,
  refreshToken: null,
  idToken: null,
  login: null,
  renewable: false,
};

interface Store {
  tokens: TokenRepository;
  reads: TokenReadService;
}

/** Revokes and deletes tokens. */
export class TokenRevokeService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly store: Store,
    private readonly revocation: TokenRevocation,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  /**
   * Dead here at once, before the provider is asked; revoking again changes nothing.
   *
   * @throws UserError NOT_FOUND
   */
  async revoke(ctx: RequestContext, id: string): Promise<{ token: TokenEntity; outcome: RevocationOutcome }> {
    const token = await this.store.reads.existing(id);
    if (token.revokedAt && token.accessToken === null && token.refreshToken === null)
      return { token, outcome: 'REVOKED_LOCALLY' };
    const revoked = await this.markRevoked(token);
    const outcome = await this.revocation.revokeAll(revoked);
    const wiped = await this.unitOfWork.run(async (tx) => {
      const after = await this.store.tokens.overwrite(tx, id, WIPED, this.clock.now());
      await this.audit.record(tx, ctx, {
        action: 'TOKEN_REVOKED',
        subjectId: id,
        detail: { name: token.name, outcome },
      });
      return after;
    });
    return { token: wiped ?? revoked, outcome };
  }

  /** @throws UserError NOT_FOUND */
  async delete(
    ctx: RequestContext,
    id: string,
    revoke: boolean,
  ): Promise<{ id: string; outcome: RevocationOutcome | null }> {
    const token = await this.store.reads.existing(id);
    const outcome = revoke ? (await this.revoke(ctx, id)).outcome : null;
    await this.unitOfWork.run(async (tx) => {
      await this.store.tokens.delete(tx, id);
      await this.audit.record(tx, ctx, {
        action: 'TOKEN_DELETED',
        subjectId: id,
        detail: { name: token.name, outcome },
      });
    });
    return { id, outcome };
  }

  /** On whatever version is there: revocation wins over every other change. */
  private markRevoked(token: TokenEntity): Promise<TokenEntity> {
    return this.unitOfWork.run(async (tx) => {
      const current = (await this.store.tokens.findById(token.id, tx)) ?? token;
      if (current.revokedAt) return current;
      const now = this.clock.now();
      return (await this.store.tokens.overwrite(tx, token.id, { revokedAt: now, leaseOwner: null }, now)) ?? current;
    });
  }
}
