import type { RequestContext } from '../request-context.js';
import { RateLimit } from '../throttle/rate-limit.js';
import { asClient } from './as-client.js';
import type { ClientAuthenticator } from './client-authenticator.js';
import type { CallingClient } from './calling-client.repository.js';
import { OAuthError } from './oauth-error.js';
import type { ClientRequest } from './presented-client.js';
import type { TokenAnswer } from './token-answer.js';

/** One way to come to tokens. */
export interface TokenGrant {
  answer(ctx: RequestContext, client: CallingClient, parameters: URLSearchParams): Promise<TokenAnswer>;
}

const TOKENS_PER_MINUTE = 3000;

/** Of each client in one process: far more than people and machines need, far less than one in a loop would get. */
export function tokenBudget(tokens = TOKENS_PER_MINUTE): RateLimit {
  return new RateLimit(tokens, 60_000, 'Tokens of one client');
}

/** Gives tokens to clients that prove themselves. @see RFC 6749 §3.2 */
export class TokenEndpointService {
  /** @param grants by `grant_type` */
  constructor(
    private readonly authenticator: ClientAuthenticator,
    private readonly grants: ReadonlyMap<string, TokenGrant>,
    private readonly budget: RateLimit = tokenBudget(),
  ) {}

  /**
   * @throws OAuthError
   * @throws RateLimitedError for a client that has got, or asked for, too many
   */
  async answer(ctx: RequestContext, request: ClientRequest): Promise<TokenAnswer> {
    const { parameters } = request;
    const client = await this.authenticator.authenticate(ctx, request);
    const grantType = parameters.get('grant_type');
    if (grantType === null) throw new OAuthError('invalid_request', 'The grant_type is missing: send it in the body.');
    const grant = this.grants.get(grantType);
    if (!grant) {
      const offered = [...this.grants.keys()].join(', ');
      throw new OAuthError('unsupported_grant_type', `This grant_type is not offered: use one of ${offered}.`);
    }
    const takeBack = this.budget.take(client.id);
    try {
      return await grant.answer(asClient(ctx, client), client, parameters);
    } catch (error) {
      // Of a public client what fails does not count: anybody can fail in its name.
      if (client.tokenEndpointAuthMethod === 'NONE') takeBack();
      throw error;
    }
  }
}
