import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { Transaction } from '../database/unit-of-work.js';
import type { RequestContext } from '../request-context.js';
import type { SessionRepository } from '../session/session.repository.js';
import type { UserEntity } from './user.entity.js';
import type { UserRepository } from './user.repository.js';

/** Sets passwords: whoever came in with the old one is out, except the session that asked. */
export class PasswordWriter {
  constructor(
    private readonly users: UserRepository,
    private readonly sessions: SessionRepository,
    private readonly audit: AuditRecorder,
  ) {}

  /**
   * @param also other columns to change with it
   * @throws UserError CONFLICT
   */
  async write(
    tx: Transaction,
    ctx: RequestContext,
    user: UserEntity,
    passwordHash: string,
    also: Partial<Pick<UserEntity, 'roles' | 'enabled'>> = {},
  ): Promise<UserEntity> {
    const changed = await this.users.update(tx, user, { ...also, passwordHash });
    const endedSessions = await this.sessions.deleteAllOf(tx, user.id, ctx.actor?.sessionId);
    const detail = { ...also, endedSessions };
    await this.audit.record(tx, ctx, { action: 'PASSWORD_CHANGED', subjectId: user.id, detail });
    return changed;
  }

  /** Notes an attempt with a wrong current password. */
  async recordRefusal(ctx: RequestContext, user: UserEntity): Promise<void> {
    await this.audit.recordBeforeAnswer(ctx, { action: 'PASSWORD_CHANGED', subjectId: user.id, success: false });
  }
}
