import type { Clock } from '../database/clock.js';
import { UnauthenticatedError } from '../errors.js';
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

  /**
   * @param authorization the Authorization header; undefined for an anonymous caller
   * @returns null for an anonymous caller
   * @throws UnauthenticatedError for a header that proves nobody
   * @see RFC 6750 §2.1
   */
  async authenticate(authorization: string | undefined): Promise<Actor | null> {
    if (authorization === undefined) return null;
    const [, accessToken] = /^bearer +([\w.~+/-]+=*) *$/i.exec(authorization) ?? [];
    if (accessToken === undefined) {
      throw new UnauthenticatedError('The Authorization header is not "Bearer <access token>": correct or remove it.');
    }
    const claims = await this.tokens.verify(accessToken);
    const session = claims ? await this.sessions.findWithUser(claims.sessionId) : null;
    const isLive = session !== null && session.userId === claims?.userId && session.expiresAt > this.clock.now();
    if (isLive && session.user.enabled) return actorOf(session.user, session.id);
    throw new UnauthenticatedError(
      'The access token is not valid any more: remove the Authorization header and call refreshSession or login.',
    );
  }
}
