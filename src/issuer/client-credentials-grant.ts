import type { Clock } from '../database/clock.js';
import type { IssuedValueMinter } from '../issued-value/issued-value-minter.js';
import type { RequestContext } from '../request-context.js';
import type { AccessTerms } from './access-terms.js';
import type { CallingClient } from './calling-client.repository.js';
import type { IssuedGrants } from './issued-grants.js';
import { OAuthError } from './oauth-error.js';
import { withoutPerson } from './openid-scopes.js';
import { askedResource } from './resource-rules.js';
import { askedScopes } from './scope-rules.js';
import { type TokenAnswer, tokenAnswer } from './token-answer.js';

/** Access tokens with which a client acts by itself, as its user. @see RFC 6749 §4.4 */
export class ClientCredentialsGrant {
  constructor(
    private readonly grants: IssuedGrants,
    private readonly minter: IssuedValueMinter,
    private readonly terms: AccessTerms,
    private readonly clock: Clock,
  ) {}

  /** @throws OAuthError unauthorized_client, invalid_scope, invalid_target */
  async answer(ctx: RequestContext, client: CallingClient, parameters: URLSearchParams): Promise<TokenAnswer> {
    const refusal = refusalOf(client);
    if (refusal !== null) throw new OAuthError('unauthorized_client', refusal);
    const grantType = 'CLIENT_CREDENTIALS';
    const userId = client.runAsId;
    const scopes = scopesOf(client, parameters.get('scope'));
    const resource = askedResource(parameters);
    const order = { client, userId, grantType, scopes, resource } as const;
    return this.grants.give(ctx, order, async ({ expiresAt, id }) => {
      const issuedAt = this.clock.now();
      const terms = this.terms.of({ ...order, expiresAt }, issuedAt);
      const mint = { ...terms, tokenId: id, scopes: null, refresh: null, issuedAt };
      const minted = await this.minter.mint(ctx, mint, { grantType, clientId: client.clientId });
      return tokenAnswer(minted, terms.expiresAt, scopes, this.clock.now());
    });
  }
}

/** @param asked as sent; null or empty: all of the client's @throws OAuthError invalid_scope where nothing is left of it */
function scopesOf(client: CallingClient, asked: string | null): readonly string[] {
  const scopes = withoutPerson(askedScopes(client, asked));
  if (scopes.length > 0 || !asked) return scopes;
  throw new OAuthError(
    'invalid_scope',
    'These scopes are about a person who logs in, and this client acts by itself: ask for others.',
  );
}

function refusalOf({ grantTypes, isRunAsEnabled, runAsId, tokenEndpointAuthMethod }: CallingClient): string | null {
  if (!grantTypes.includes('CLIENT_CREDENTIALS') || tokenEndpointAuthMethod === 'NONE')
    return 'This client may not use client_credentials: ask its System Manager.';
  return runAsId === null || isRunAsEnabled
    ? null
    : 'The user as whom this client acts is gone or disabled: ask its System Manager.';
}
