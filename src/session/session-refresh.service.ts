import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { Clock } from '../database/clock.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { UnauthenticatedError } from '../errors.js';
import type { RequestContext } from '../request-context.js';
import { actingAs } from '../user/actor-of.js';
import { newRefreshValue, parseRefreshValue, type RefreshValue, sameHash } from './refresh-value.js';
import type { SessionGrant } from './session-grant.js';
import { sessionExpiresAt } from './session-lifetime.js';
import type { SessionTokens } from './session-token.js';
import type { SessionRepository, SessionWithUser } from './session.repository.js';

/** Two tabs that refresh at the same moment send the same cookie: the later one is served too. */
const GRACE_MS = 10_000;

type Continued = { readonly session: SessionWithUser } & Pick<SessionGrant, 'refresh'>;

/** Continues sessions. Each refresh value is good for one rotation; using an older one ends the session. */
export class SessionRefreshService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sessions: SessionRepository,
    private readonly tokens: SessionTokens,
    private readonly clock: Clock,
    private readonly audit: AuditRecorder,
  ) {}

  /**
   * @param cookie value of the refresh cookie
   * @throws UnauthenticatedError when the session has ended, or ends here because its value was used before
   */
  async refresh(ctx: RequestContext, cookie: string | undefined): Promise<SessionGrant> {
    const given = parseRefreshValue(cookie);
    if (!given) throw new UnauthenticatedError('There is no session to refresh: log in.');
    const continued = await this.unitOfWork.run((tx) => this.continue(tx, ctx, given));
    if (!continued) throw new UnauthenticatedError('The session has ended: log in again.');
    const { session, refresh } = continued;
    const token = this.tokens.issue({ userId: session.userId, sessionId: session.id });
    return { ...token, user: session.user, ...(refresh ? { refresh } : {}) };
  }

  private async continue(tx: Transaction, ctx: RequestContext, given: RefreshValue): Promise<Continued | undefined> {
    const session = await this.findLive(tx, given);
    if (!session) return undefined;
    if (sameHash(given.hash, session.refreshHash)) {
      const rotated = await this.rotate(tx, session);
      // Lost to a parallel refresh, whose commit the next look sees.
      return rotated ?? this.withReplaced(tx, ctx, given, await this.findLive(tx, given));
    }
    return this.withReplaced(tx, ctx, given, session);
  }

  private async rotate(tx: Transaction, session: SessionWithUser): Promise<Continued | undefined> {
    const now = this.clock.now();
    const next = newRefreshValue(session.id);
    const expiresAt = sessionExpiresAt(session.createdAt, now);
    const won = await this.sessions.rotate(tx, session, { refreshHash: next.hash, rotatedAt: now, expiresAt });
    return won ? { session, refresh: { value: next.text, expiresAt } } : undefined;
  }

  /**
   * A value that is not the current one: the one before, within the grace time, or any other, which somebody kept. Only
   * who held a token or cookie of this session knows its id, so ending it does an outsider no favour.
   */
  private async withReplaced(
    tx: Transaction,
    ctx: RequestContext,
    given: RefreshValue,
    session: SessionWithUser | null,
  ): Promise<Continued | undefined> {
    if (!session) return undefined;
    const ageMs = this.clock.now().getTime() - session.rotatedAt.getTime();
    if (sameHash(given.hash, session.previousRefreshHash) && ageMs <= GRACE_MS) return { session };
    await this.sessions.delete(tx, session.id);
    const entry = { action: 'SESSION_REFRESH_REUSED', subjectId: session.userId, success: false } as const;
    await this.audit.record(tx, actingAs(ctx, session.user), entry);
    return undefined;
  }

  private async findLive(tx: Transaction, { sessionId }: RefreshValue): Promise<SessionWithUser | null> {
    const session = await this.sessions.findWithUser(sessionId, tx);
    return session?.user.enabled && session.expiresAt > this.clock.now() ? session : null;
  }
}
