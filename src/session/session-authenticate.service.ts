import type { Clock } from '../database/clock.js';
import type { Actor } from '../request-context.js';
import { actorOf } from '../user/actor-of.js';
import type { SessionTokens } from './session-token.js';
import type { SessionRepository } from './session.repository.js';

/** Recognises people by their bearer token; asks the database each time, so that who is disabled is out at once. */
export class SessionAuthenticateService {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly tokens: SessionTokens,
    private readonly clock: Clock,
  ) {}

  /** @returns null for what is no access token of a session, or not any more */
  async authenticate(accessToken: string): Promise<Actor | null> {
    const claims = await this.tokens.verify(accessToken);
    const session = claims ? await this.sessions.findWithUser(claims.sessionId) : null;
    const isLive = session !== null && session.userId === claims?.userId && session.expiresAt > this.clock.now();
    return isLive && session.user.enabled ? actorOf(session.user, session.id) : null;
  }
}
