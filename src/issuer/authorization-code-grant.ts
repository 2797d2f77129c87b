import type { AuthorizationCodes, CodeConsent } from '../authorization-code/authorization-code.service.js';
import type { Clock } from '../database/clock.js';
import type { IssuedValueMinter } from '../issued-value/issued-value-minter.js';
import type { RequestContext } from '../request-context.js';
import type { UserEntity } from '../user/user.entity.js';
import type { AccessTerms } from './access-terms.js';
import type { CallingClient } from './calling-client.repository.js';
import type { IdTokens } from './id-tokens.js';
import type { StandingConsent } from './grant-order.js';
import type { Grant, IssuedGrants } from './issued-grants.js';
import { OAuthError } from './oauth-error.js';
import { askedResource } from './resource-rules.js';
import { remainingScopes } from './scope-rules.js';
import { type TokenAnswer, tokenAnswer } from './token-answer.js';

const GRANT_TYPE = 'AUTHORIZATION_CODE';

interface Issuing {
  grants: IssuedGrants;
  minter: IssuedValueMinter;
  terms: AccessTerms;
  idTokens: IdTokens;
}

/** What is to be issued, to whom. */
interface CodeOrder extends CodeConsent {
  readonly client: CallingClient;
}

/** Tokens for the code that a person's consent gave. @see RFC 6749 §4.1.3, RFC 7636 §4.5 */
export class AuthorizationCodeGrant {
  constructor(
    private readonly codes: AuthorizationCodes,
    private readonly issuing: Issuing,
    private readonly users: { findById(id: string): Promise<UserEntity | null> },
    private readonly clock: Clock,
  ) {}

  /** @throws OAuthError invalid_grant, invalid_target, unauthorized_client; then the code is as good as before */
  async answer(ctx: RequestContext, client: CallingClient, parameters: URLSearchParams): Promise<TokenAnswer> {
    if (!client.grantTypes.includes(GRANT_TYPE))
      throw new OAuthError('unauthorized_client', 'This client may not use codes: ask its System Manager.');
    const asked = askedResource(parameters);
    const code = parameters.get('code');
    if (code === null) throw new OAuthError('invalid_request', 'The code is missing: send it.');
    const codeVerifier = parameters.get('code_verifier');
    const redirectUri = parameters.get('redirect_uri');
    const consent = await this.codes.read(ctx, { code, client, codeVerifier, redirectUri });
    const resource = resourceOf(consent, asked);
    const order = { ...consent, client, scopes: remainingScopes(client, consent.scopes), resource };
    const isResourceUnseen = consent.resource.length === 0 && resource.length > 0;
    // The trust of the System Manager is a consent, and each code a new one.
    const standing = consent.wasAsked || client.trusted ? null : standingOf(consent);
    const grant = { ...order, grantType: GRANT_TYPE, isResourceUnseen, standing } as const;
    return this.issuing.grants.give(ctx, grant, (given) => this.issue(ctx, order, given));
  }

  /** All of the answer is made before the code is spent. */
  private async issue(ctx: RequestContext, order: CodeOrder, grant: Grant): Promise<TokenAnswer> {
    const { client, codeId, scopes } = order;
    const { grants, minter, terms } = this.issuing;
    const issuedAt = this.clock.now();
    const access = terms.of({ ...order, expiresAt: grant.expiresAt }, issuedAt);
    const refresh = { familyId: null, generation: 1 };
    const minted = await minter.prepare({ ...access, tokenId: grant.id, scopes: null, refresh, issuedAt });
    if (minted.familyId === null) throw new TypeError('A refresh token has a family');
    const answer = tokenAnswer(minted, access.expiresAt, scopes, issuedAt);
    const idToken = await this.idToken(order, minted.accessToken);
    await this.codes.spend(ctx, codeId, minted.familyId, async (tx) => {
      await grants.keep(tx, ctx, grant);
      await minter.write(tx, ctx, minted, { grantType: GRANT_TYPE, clientId: client.clientId });
    });
    return idToken === null ? answer : { ...answer, id_token: idToken };
  }

  private async idToken(order: CodeOrder, accessToken: string): Promise<string | null> {
    if (!order.scopes.includes('openid')) return null;
    const user = await this.users.findById(order.userId);
    if (!user) throw new OAuthError('invalid_grant', 'Who gave the code is gone: ask for authorization again.');
    return this.issuing.idTokens.issue({ ...order, clientId: order.client.clientId, user, accessToken });
  }
}

function standingOf({ resource, scopes, standingTokenId }: CodeConsent): StandingConsent {
  return { tokenId: standingTokenId, scopes, resource };
}

/** Those of the code, or fewer. @throws OAuthError invalid_target. @see RFC 8707 §2.2 */
function resourceOf({ resource }: CodeConsent, asked: readonly string[]): readonly string[] {
  if (asked.length === 0) return resource;
  if (resource.length === 0 || asked.every((each) => resource.includes(each))) return asked;
  throw new OAuthError('invalid_target', 'The code was given for other resources: ask for those, or for none.');
}
