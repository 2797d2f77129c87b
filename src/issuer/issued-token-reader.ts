import type { SecretReader } from '../audit/secret-reader.js';
import type { ClientEntity } from '../client/client.entity.js';
import type { Clock } from '../database/clock.js';
import { type UserErrorCode, TokenUnavailableError } from '../errors.js';
import { isOfItsUser } from '../issued-value/issued-facts.js';
import { requireGrantable } from '../reach.js';
import type { RequestContext } from '../request-context.js';
import type { TokenSecrets } from '../token/token-secrets.js';
import { hasEnded } from '../token/token-status.js';
import type { TokenEntity } from '../token/token.entity.js';
import { ofAnotherUser } from './issued-token-rules.js';

/** What of issued tokens can be read again: the access token where its client is set to that, and nothing else. */
export class IssuedTokenReader {
  constructor(
    private readonly secrets: TokenSecrets,
    private readonly reader: SecretReader,
    private readonly clock: Clock,
  ) {}

  /**
   * Whoever reads it can do with it what the token may.
   *
   * @param token not revoked, and switched on, as its client is
   * @param minValidityMs how long it must be good from now
   * @throws TokenUnavailableError, ForbiddenError
   */
  async accessToken(
    ctx: RequestContext,
    token: TokenEntity,
    client: ClientEntity,
    minValidityMs: number,
  ): Promise<string | null> {
    const { expiresAt, id, name, scopes } = token;
    requireGrantable(ctx, scopes, 'The value of a token of the hub');
    const now = this.clock.now();
    if (hasEnded(expiresAt, now))
      throw unavailable(token, 'DISABLED', `${name} has expired: request a new token that replaces it.`);
    if (!isOfItsUser(token, client)) throw unavailable(token, 'DISABLED', ofAnotherUser(token, client));
    if (token.accessToken === null || client.tokenStorage !== 'RECOVERABLE') throw shownOnce(token);
    if (hasEnded(expiresAt, new Date(now.getTime() + minValidityMs))) {
      const message = `${name} expires before that, and nothing renews it by itself: use refreshToken.`;
      throw unavailable(token, 'NO_REFRESH_TOKEN', message);
    }
    return this.reader.readIfStored(ctx, id, 'accessToken', () => this.secrets.open(token, 'accessToken'));
  }

  /** @throws TokenUnavailableError where the client of the token has one */
  refreshToken(token: TokenEntity): null {
    if (token.grantType === 'AUTHORIZATION_CODE') throw shownOnce(token);
    return null;
  }
}

function shownOnce(token: TokenEntity): TokenUnavailableError {
  const remedy =
    token.grantKey === null && token.grantType === 'CLIENT_CREDENTIALS'
      ? 'have a new one made with refreshToken.'
      : 'its client fetches the next one at the token endpoint.';
  const message = `The hub has shown the value of ${token.name} once and stores only a hash of it: ${remedy}`;
  return unavailable(token, 'SECRET_ALREADY_SHOWN', message);
}

function unavailable({ id }: TokenEntity, code: UserErrorCode, message: string): TokenUnavailableError {
  return new TokenUnavailableError(code, message, { tokenId: id, permanent: true, retryAt: null });
}
