import type { AuthorizationCodes, RedeemedCode } from '../authorization-code/authorization-code.service.js';
import type { Clock } from '../database/clock.js';
import type { IssuedValueMinter, Minted } from '../issued-value/issued-value-minter.js';
import type { RequestContext } from '../request-context.js';
import type { UserEntity } from '../user/user.entity.js';
import type { AccessTerms } from './access-terms.js';
import type { CallingClient } from './calling-client.repository.js';
import type { IdTokens } from './id-tokens.js';
import type { GrantOrder, IssuedGrants } from './issued-grants.js';
import { OAuthError } from './oauth-error.js';
import { askedResource } from './resource-rules.js';
import { type TokenAnswer, tokenAnswer } from './token-answer.js';

interface Issuing {
  grants: IssuedGrants;
  minter: IssuedValueMinter;
  terms: AccessTerms;
  idTokens: IdTokens;
}

/** Tokens for the code that a person's consent gave. @see RFC 6749 §4.1.3, RFC 7636 §4.5 */
export class AuthorizationCodeGrant {
  constructor(
    private readonly codes: AuthorizationCodes,
    private readonly issuing: Issuing,
    private readonly users: { findById(id: string): Promise<UserEntity | null> },
    private readonly clock: Clock,
  ) {}

  /** @throws OAuthError invalid_grant, invalid_target, unauthorized_client */
  async answer(ctx: RequestContext, client: CallingClient, parameters: URLSearchParams): Promise<TokenAnswer> {
    if (!client.grantTypes.includes('AUTHORIZATION_CODE'))
      throw new OAuthError('unauthorized_client', 'This client may not use codes: ask its System Manager.');
    const asked = askedResource(parameters);
    const code = parameters.get('code');
    if (code === null) throw new OAuthError('invalid_request', 'The code is missing: send it.');
    const sent = {
      code,
      codeVerifier: parameters.get('code_verifier'),
      redirectUri: parameters.get('redirect_uri'),
      clientRowId: client.id,
    };
    const redeemed = await this.codes.redeem(ctx, sent);
    const resource = resourceOf(redeemed, asked);
    const { expiresAt, minted } = await this.mint(ctx, { ...redeemed, resource, client });
    if (minted.familyId !== null) await this.codes.gave(redeemed.codeId, minted.familyId);
    const answer = tokenAnswer(minted, expiresAt, redeemed.scopes, this.clock.now());
    const idToken = await this.idToken(client, redeemed, minted.accessToken);
    return idToken === null ? answer : { ...answer, id_token: idToken };
  }

  private async idToken(client: CallingClient, redeemed: RedeemedCode, accessToken: string): Promise<string | null> {
    if (!redeemed.scopes.includes('openid')) return null;
    const user = await this.users.findById(redeemed.userId);
    if (!user) throw new OAuthError('invalid_grant', 'Who gave the code is gone: ask for authorization again.');
    return this.issuing.idTokens.issue({ ...redeemed, clientId: client.clientId, user, accessToken });
  }

  private async mint(
    ctx: RequestContext,
    consent: Pick<GrantOrder, 'scopes' | 'resource'> & { userId: string; client: CallingClient },
  ): Promise<{ minted: Minted; expiresAt: Date }> {
    const grantType = 'AUTHORIZATION_CODE';
    const { id, expiresAt } = await this.issuing.grants.findOrCreate(ctx, { ...consent, grantType });
    const issuedAt = this.clock.now();
    const terms = this.issuing.terms.of({ ...consent, expiresAt }, issuedAt);
    const refresh = { familyId: null, generation: 1 };
    const order = { ...terms, tokenId: id, scopes: null, refresh, issuedAt };
    const minted = await this.issuing.minter.mint(ctx, order, { grantType, clientId: consent.client.clientId });
    return { minted, expiresAt: terms.expiresAt };
  }
}

/** Those of the code, or fewer. @throws OAuthError invalid_target. @see RFC 8707 §2.2 */
function resourceOf({ resource }: RedeemedCode, asked: readonly string[]): readonly string[] {
  if (asked.length === 0) return resource;
  if (resource.length === 0 || asked.every((each) => resource.includes(each))) return asked;
  throw new OAuthError('invalid_target', 'The code was given for other resources: ask for those, or for none.');
}
