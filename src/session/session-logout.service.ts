import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import type { RequestContext } from '../request-context.js';
import { actingAs } from '../user/actor-of.js';
import type { UserEntity } from '../user/user.entity.js';
import { parseLoginValue } from './login-value.js';
import { parseRefreshValue, type RefreshValue, sameHash } from './refresh-value.js';
import type { SessionRepository, SessionWithUser } from './session.repository.js';

/** Ends sessions on request. */
export class SessionLogoutService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sessions: SessionRepository,
    private readonly audit: AuditRecorder,
  ) {}

  /**
   * Ends the sessions that the caller came with: by bearer token, by refresh cookie, and that of the pages.
   *
   * @param pagesCookie value of the login cookie
   * @returns whose session ended; null when there was none
   */
  async logout(ctx: RequestContext, cookie: string | undefined, pagesCookie?: string): Promise<UserEntity | null> {
    const byToken = ctx.actor?.sessionId ? await this.sessions.findWithUser(ctx.actor.sessionId) : null;
    const byCookie = await this.findBy(parseRefreshValue(cookie));
    const ofPages = await this.findBy(parseLoginValue(pagesCookie));
    const found = new Map([byToken, byCookie, ofPages].filter((each) => each !== null).map((each) => [each.id, each]));
    for (const session of found.values()) await this.end(ctx, session);
    return byToken?.user ?? byCookie?.user ?? ofPages?.user ?? null;
  }

  private async findBy(given: RefreshValue | undefined): Promise<SessionWithUser | null> {
    const session = given ? await this.sessions.findWithUser(given.sessionId) : null;
    if (!given || !session) return null;
    const known = [session.refreshHash, session.previousRefreshHash];
    return known.some((hash) => sameHash(given.hash, hash)) ? session : null;
  }

  private async end(ctx: RequestContext, { id, user }: SessionWithUser): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      if (!(await this.sessions.delete(tx, id))) return;
      await this.audit.record(tx, actingAs(ctx, user), { action: 'SESSION_ENDED', subjectId: user.id });
    });
  }
}
