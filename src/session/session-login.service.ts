import type { RequestContext } from '../request-context.js';
import type { PasswordLogin } from './password-login.js';
import type { SessionGrant } from './session-grant.js';
import { API_SESSION } from './session-kind.js';
import type { SessionTokens } from './session-token.js';
import type { LoginInput } from './session.input.js';

/** Starts sessions that the API knows people by. */
export class SessionLoginService {
  constructor(
    private readonly logins: PasswordLogin,
    private readonly tokens: SessionTokens,
  ) {}

  /**
   * @throws UserError INVALID, the same for an unknown address, a wrong password and a disabled account
   * @throws RateLimitedError
   */
  async login(ctx: RequestContext, input: LoginInput): Promise<SessionGrant> {
    const { refresh, sessionId, user } = await this.logins.open(ctx, input, API_SESSION);
    return { ...this.tokens.issue({ userId: user.id, sessionId }), user, refresh };
  }
}
