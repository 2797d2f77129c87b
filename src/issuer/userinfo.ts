import type { Clock } from '../database/clock.js';
import { isGoodFor, scopesOf } from '../issued-value/issued-facts.js';
import type { FailureThrottle } from '../throttle/failure-throttle.js';
import { hubResource } from './hub-metadata.js';
import { OAuthError } from './oauth-error.js';
import { mayHaveBeenAccessToken, type SentValues } from './sent-values.js';
import { userClaims } from './user-claims.js';

/** Tells a client about the person who has logged in. @see OpenID Connect Core §5.3 */
export class Userinfo {
  constructor(
    private readonly sent: SentValues,
    private readonly failures: FailureThrottle,
    private readonly lastUsed: { used(tokenId: string, at: Date): void },
    private readonly clock: Clock,
    private readonly publicUrl: string,
  ) {}

  /**
   * @param accessToken as sent by whomever
   * @throws OAuthError invalid_token, insufficient_scope
   * @throws RateLimitedError for one too many that can never have been good
   */
  async claimsOf(accessToken: string, ip: string | null) {
    const facts = await this.sent.liveAccess(accessToken);
    if (!facts || !isGoodFor(facts, hubResource(this.publicUrl))) {
      if (!mayHaveBeenAccessToken(accessToken)) this.failures.count(ip);
      throw new OAuthError('invalid_token', 'The access token is not valid here: ask for another one.');
    }
    const scopes = scopesOf(facts);
    // Nobody has logged in where a client acts by itself, whoever its user is.
    if (!scopes.includes('openid') || !facts.user || facts.token.grantType !== 'AUTHORIZATION_CODE')
      throw new OAuthError('insufficient_scope', 'Ask a person for authorization with the scope openid.');
    this.lastUsed.used(facts.token.id, this.clock.now());
    return userClaims(facts.user, scopes);
  }
}
