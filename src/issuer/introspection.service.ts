import type { ClientEntity } from '../client/client.entity.js';
import type { Clock } from '../database/clock.js';
import { expiryOf, isLive, type IssuedFacts, scopesOf } from '../issued-value/issued-facts.js';
import type { RequestContext } from '../request-context.js';
import { subjectOf } from './access-terms.js';
import type { ClientAuthenticator } from './client-authenticator.js';
import { OAuthError } from './oauth-error.js';
import type { ClientRequest } from './presented-client.js';
import type { SentValues } from './sent-values.js';

/** @see RFC 7662 §2.2 */
export type IntrospectionAnswer =
  | { active: false }
  | {
      active: true;
      scope: string;
      client_id: string;
      username?: string;
      /** Of an access token. */
      token_type?: 'Bearer';
      exp?: number;
      iat: number;
      sub: string;
      aud?: string | readonly string[];
      iss: string;
      jti: string;
    };

const INACTIVE: IntrospectionAnswer = { active: false };

/** Tells resource servers what the tokens are worth that are sent to them. */
export class IntrospectionService {
  constructor(
    private readonly authenticator: ClientAuthenticator,
    private readonly values: SentValues,
    private readonly clock: Clock,
    private readonly issuer: string,
  ) {}

  /**
   * @throws OAuthError access_denied for a client that is no resource server
   * @throws RateLimitedError
   */
  async answer(ctx: RequestContext, request: ClientRequest): Promise<IntrospectionAnswer> {
    const text = request.parameters.get('token');
    const [client, facts] = await Promise.all([
      this.authenticator.authenticate(ctx, request),
      text === null ? null : this.values.find(text),
    ]);
    if (!client.resourceServer || client.tokenEndpointAuthMethod === 'NONE')
      throw new OAuthError('access_denied', 'This client may not introspect: a System Manager must mark it for that.');
    if (text === null) throw new OAuthError('invalid_request', 'The token is missing: send it in the body.');
    return facts && isLive(facts, this.clock.now()) && isFor(client, facts) ? this.tell(facts) : INACTIVE;
  }

  private tell(facts: IssuedFacts): IntrospectionAnswer {
    const { client, token, user, value } = facts;
    const expiresAt = expiryOf(facts);
    const [onlyResource] = token.resource;
    return {
      active: true,
      scope: scopesOf(facts).join(' '),
      client_id: client.clientId,
      ...(user ? { username: user.name } : {}),
      ...(value.kind === 'ACCESS' ? { token_type: 'Bearer' as const } : {}),
      ...(expiresAt ? { exp: seconds(expiresAt) } : {}),
      iat: seconds(value.createdAt),
      sub: subjectOf(user?.id ?? null, client),
      ...(onlyResource === undefined ? {} : { aud: token.resource.length === 1 ? onlyResource : token.resource }),
      iss: this.issuer,
      jti: value.id,
    };
  }
}

/** Whether the resource server may know of it: tokens for others could be tried there. */
function isFor(asking: Pick<ClientEntity, 'id' | 'resource'>, { client, token, value }: IssuedFacts): boolean {
  if (value.kind === 'REFRESH') return client.id === asking.id && value.usedAt === null;
  return token.resource.length === 0 || token.resource.some((each) => asking.resource?.includes(each));
}

function seconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}
