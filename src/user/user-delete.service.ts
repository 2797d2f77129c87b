import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import type { RequestContext } from '../request-context.js';
import type { SessionRepository } from '../session/session.repository.js';
import type { TokenCascade } from '../token/token-cascade.js';
import type { LastManagerGuard } from './last-manager-guard.js';
import { userNotFound } from './user-not-found.js';
import type { UserEntity } from './user.entity.js';
import type { DeleteUserInput } from './user.input.js';
import type { UserRepository } from './user.repository.js';

/** Deletes users; their sessions and what the hub has issued for them go with them, their traces in the audit trail stay. */
export class UserDeleteService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly stored: { users: UserRepository; sessions: SessionRepository },
    private readonly lastManager: LastManagerGuard,
    private readonly tokens: Pick<TokenCascade, 'endIssuedOf'>,
    private readonly audit: AuditRecorder,
  ) {}

  /**
   * @returns the user as it was
   * @throws UserError
   */
  async delete(ctx: RequestContext, input: DeleteUserInput): Promise<UserEntity> {
    const { sessions, users } = this.stored;
    return this.unitOfWork.run(async (tx) => {
      // Or what is issued after its tokens have ended would be nobody's.
      const user = await users.findLocked(tx, input.id);
      if (!user) throw userNotFound();
      await this.lastManager.requireAnother(tx, user);
      await this.tokens.endIssuedOf(tx, ctx, user.id);
      // Rather than all by one statement, with the user.
      await sessions.deleteAllOf(tx, user.id);
      if (!(await users.delete(tx, user))) throw changedMeanwhile();
      const { name, email, kind, roles } = user;
      await this.audit.record(tx, ctx, {
        action: 'USER_DELETED',
        subjectId: user.id,
        detail: { name, email, kind, roles },
      });
      return user;
    });
  }
}

function changedMeanwhile(): UserError {
  return new UserError({
    code: 'CONFLICT',
    field: ['id'],
    message: 'Somebody else changed this user at the same time: read it again and repeat.',
  });
}
