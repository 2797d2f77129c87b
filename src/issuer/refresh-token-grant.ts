import type { Clock } from '../database/clock.js';
import type { IssuedFacts } from '../issued-value/issued-facts.js';
import type { RequestContext } from '../request-context.js';
import type { AccessTerms } from './access-terms.js';
import type { CallingClient } from './calling-client.repository.js';
import { OAuthError } from './oauth-error.js';
import type { NextPair, RefreshRotation } from './refresh-rotation.js';
import { askedResource } from './resource-rules.js';
import { narrowedScopes, remainingScopes } from './scope-rules.js';
import { type TokenAnswer, tokenAnswer } from './token-answer.js';

/** The next pair for a refresh token, for the user, with scopes of the first that the client may still have. @see RFC 6749 §6 */
export class RefreshTokenGrant {
  constructor(
    private readonly rotation: RefreshRotation,
    private readonly terms: AccessTerms,
    private readonly clock: Clock,
  ) {}

  /** @throws OAuthError invalid_grant, invalid_scope, invalid_target, unauthorized_client */
  async answer(ctx: RequestContext, client: CallingClient, parameters: URLSearchParams): Promise<TokenAnswer> {
    // Refresh tokens come with the code, and with nothing else.
    if (!client.grantTypes.includes('AUTHORIZATION_CODE'))
      throw new OAuthError('unauthorized_client', 'This client may not use refresh tokens: ask its System Manager.');
    const refreshToken = parameters.get('refresh_token');
    if (refreshToken === null) throw new OAuthError('invalid_request', 'The refresh_token is missing: send it.');
    const asked = { scope: parameters.get('scope'), resource: askedResource(parameters) };
    const next = (facts: IssuedFacts) => this.nextPair(client, facts, asked);
    const { facts, minted } = await this.rotation.rotate(ctx, refreshToken, client.id, next);
    const now = this.clock.now();
    return tokenAnswer(minted, minted.expiresAt ?? now, minted.scopes ?? facts.token.scopes, now);
  }

  private nextPair(
    client: CallingClient,
    { token, user }: IssuedFacts,
    asked: { scope: string | null; resource: readonly string[] },
  ): NextPair {
    // Values have the resources of their token, all of them.
    if (asked.resource.length > 0 && !isSameSet(asked.resource, token.resource))
      throw new OAuthError('invalid_target', 'A refresh keeps the resources of its refresh token: leave resource out.');
    const narrowed = narrowedScopes(remainingScopes(client, token.scopes), asked.scope);
    const access = { ...token, userId: user?.id ?? null };
    return (issuedAt, format) => ({
      scopes: narrowed.length < token.scopes.length ? narrowed : null,
      ...this.terms.of(
        { ...access, client: { ...client, accessTokenFormat: format ?? client.accessTokenFormat } },
        issuedAt,
      ),
    });
  }
}

function isSameSet(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each));
}
