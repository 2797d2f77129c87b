import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import type { RequestContext } from '../request-context.js';
import { actingAs } from '../user/actor-of.js';
import type { PasswordCheck } from '../user/password-check.js';
import type { UserEntity } from '../user/user.entity.js';
import type { SessionKind } from './session-kind.js';
import type { OpenedSession, SessionOpener } from './session-opener.js';
import type { LoginInput } from './session.input.js';

/** Opens sessions of people who prove themselves by address and password. */
export class PasswordLogin {
  constructor(
    private readonly check: PasswordCheck,
    private readonly unitOfWork: UnitOfWork,
    private readonly opener: SessionOpener,
    private readonly audit: AuditRecorder,
  ) {}

  /**
   * @throws UserError INVALID, the same for an unknown address, a wrong password and a disabled account
   * @throws RateLimitedError
   */
  async open(ctx: RequestContext, { email, password }: LoginInput, kind: SessionKind): Promise<OpenedSession> {
    const { passed, user } = await this.check.prove(email, password, ctx.ip);
    const opened = passed && user ? await this.start(ctx, user, kind) : undefined;
    if (opened) return opened;
    await this.audit.recordBeforeAnswer(ctx, {
      action: 'SESSION_REFUSED',
      subjectId: user?.id ?? null,
      success: false,
      detail: { email },
    });
    throw refused();
  }

  private start(ctx: RequestContext, user: UserEntity, kind: SessionKind): Promise<OpenedSession | undefined> {
    return this.unitOfWork.run(async (tx) => {
      const opened = await this.opener.open(tx, user, kind);
      if (opened) await this.audit.record(tx, actingAs(ctx, user), { action: 'SESSION_STARTED', subjectId: user.id });
      return opened;
    });
  }
}

function refused(): UserError {
  return new UserError({
    code: 'INVALID',
    field: ['password'],
    message:
      'E-mail address or password is wrong, or the account is switched off: ' +
      'try again, or ask a System Manager to set a new password.',
  });
}
