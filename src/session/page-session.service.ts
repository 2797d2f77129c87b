import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { Clock } from '../database/clock.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import type { RequestContext } from '../request-context.js';
import { actingAs } from '../user/actor-of.js';
import type { UserEntity } from '../user/user.entity.js';
import { parseLoginValue } from './login-value.js';
import type { PasswordLogin } from './password-login.js';
import { sameHash } from './refresh-value.js';
import { PAGE_SESSION } from './session-kind.js';
import type { LoginInput } from './session.input.js';
import type { SessionRepository } from './session.repository.js';

/** Who is in front of the browser, and since when. */
export interface PageSession {
  readonly id: string;
  readonly user: UserEntity;
  readonly authenticatedAt: Date;
}

/**
 * Sessions of the pages on which people let clients act as themselves. The cookie is looked up each time, so that a session
 * that was ended, and a user who was switched off, are out at once.
 */
export class PageSessionService {
  constructor(
    private readonly logins: PasswordLogin,
    private readonly sessions: SessionRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  /** @param cookie value of the login cookie */
  async find(cookie: string | undefined): Promise<PageSession | null> {
    const given = parseLoginValue(cookie);
    const session = given ? await this.sessions.findWithUser(given.sessionId) : null;
    if (!given || !session || !sameHash(given.hash, session.refreshHash)) return null;
    const isLive = session.expiresAt > this.clock.now() && session.user.enabled;
    return isLive ? { id: session.id, user: session.user, authenticatedAt: session.createdAt } : null;
  }

  /**
   * Always a new session; the one that the browser had ends.
   *
   * @returns value of the login cookie, and whose it is
   * @throws UserError INVALID, the same for an unknown address, a wrong password and a disabled account
   * @throws RateLimitedError
   */
  async login(
    ctx: RequestContext,
    input: LoginInput,
    before: PageSession | null,
  ): Promise<{ cookie: string; user: UserEntity }> {
    const { refresh, user } = await this.logins.open(ctx, input, PAGE_SESSION);
    if (before) await this.end(ctx, before);
    return { cookie: refresh.value, user };
  }

  async end(ctx: RequestContext, { id, user }: PageSession): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      if (!(await this.sessions.delete(tx, id))) return;
      await this.audit.record(tx, actingAs(ctx, user), { action: 'SESSION_ENDED', subjectId: user.id });
    });
  }
}
