import type { IssuedValueLookup } from '../issued-value/issued-value-lookup.js';
import { type IssuedFacts, scopesOf } from '../issued-value/issued-facts.js';
import { hubResource } from './hub-metadata.js';
import type { JwtAccessTokens } from './jwt-access-tokens.js';
import { OAuthError } from './oauth-error.js';
import { userClaims } from './user-claims.js';

/** Tells a client about the person who has logged in. @see OpenID Connect Core §5.3 */
export class Userinfo {
  constructor(
    private readonly lookup: IssuedValueLookup,
    private readonly jwts: JwtAccessTokens,
    private readonly publicUrl: string,
  ) {}

  /**
   * @param accessToken as sent by whomever
   * @throws OAuthError invalid_token, insufficient_scope
   */
  async claimsOf(accessToken: string) {
    const facts = await this.liveFacts(accessToken);
    if (!facts || !this.isForHub(facts))
      throw new OAuthError('invalid_token', 'The access token is not valid here: ask for another one.');
    const scopes = scopesOf(facts);
    if (!scopes.includes('openid') || !facts.user)
      throw new OAuthError('insufficient_scope', 'Ask a person for authorization with the scope openid.');
    return userClaims(facts.user, scopes);
  }

  private async liveFacts(accessToken: string): Promise<IssuedFacts | null> {
    const opaque = await this.lookup.liveAccess(accessToken);
    if (opaque) return opaque;
    const verified = await this.jwts.verify(accessToken);
    return verified && this.lookup.liveJwt(verified.jti);
  }

  private isForHub({ token: { resource } }: IssuedFacts): boolean {
    return resource.length === 0 || resource.includes(hubResource(this.publicUrl));
  }
}
