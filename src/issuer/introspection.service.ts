import type { ClientEntity } from '../client/client.entity.js';
import type { Clock } from '../database/clock.js';
import { expiryOf, isLive, type IssuedFacts, scopesOf } from '../issued-value/issued-facts.js';
import type { RequestContext } from '../request-context.js';
import type { SigningKeys } from '../signing-key/signing-keys.js';
import { subjectOf } from './access-terms.js';
import type { CallingClient } from './calling-client.repository.js';
import type { ClientAuthenticator } from './client-authenticator.js';
import { hubResource } from './hub-metadata.js';
import { OAuthError } from './oauth-error.js';
import type { ClientRequest } from './presented-client.js';
import type { SentValue, SentValues } from './sent-values.js';

/** @see RFC 7662 §2.2 */
export type IntrospectionAnswer =
  | { active: false }
  | {
      active: true;
      /** Left out where there is none, as in the token and its answer. */
      scope?: string;
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

/** Tells a signed answer from an access token. @see RFC 9701 §5 */
const TYPE = 'token-introspection+jwt';

interface Parts {
  authenticator: ClientAuthenticator;
  values: SentValues;
  keys: Pick<SigningKeys, 'sign'>;
}

/** Tells resource servers what the tokens are worth that are sent to them. */
export class IntrospectionService {
  constructor(
    private readonly parts: Parts,
    private readonly lastUsed: { used(tokenId: string, at: Date): void },
    private readonly clock: Clock,
    private readonly issuer: string,
  ) {}

  /**
   * @throws OAuthError access_denied for a client that is no resource server
   * @throws RateLimitedError
   */
  async answer(ctx: RequestContext, request: ClientRequest): Promise<IntrospectionAnswer> {
    return (await this.look(ctx, request)).answer;
  }

  /**
   * The same as a JWT in compact form, for whoever must show later what it was told.
   *
   * @throws OAuthError, RateLimitedError
   * @see RFC 9701 §5
   */
  async signedAnswer(ctx: RequestContext, request: ClientRequest): Promise<string> {
    const { answer, client } = await this.look(ctx, request);
    const issuedAt = this.clock.now();
    const claims = { iss: this.issuer, aud: client.clientId, iat: seconds(issuedAt), token_introspection: answer };
    return this.parts.keys.sign(claims, TYPE, issuedAt);
  }

  private async look(ctx: RequestContext, request: ClientRequest) {
    const text = request.parameters.get('token');
    const [client, sent] = await Promise.all([
      this.parts.authenticator.authenticate(ctx, request),
      text === null ? null : this.parts.values.read(text),
    ]);
    if (!client.resourceServer || client.tokenEndpointAuthMethod === 'NONE')
      throw new OAuthError('access_denied', 'This client may not introspect: a System Manager must mark it for that.');
    if (text === null) throw new OAuthError('invalid_request', 'The token is missing: send it in the body.');
    return { client, answer: this.answerTo(client, sent) };
  }

  private answerTo(client: CallingClient, sent: SentValue | null): IntrospectionAnswer {
    const now = this.clock.now();
    if (!sent || !isLive(sent.facts, now)) return INACTIVE;
    const audience = this.audienceOf(sent);
    if (!isFor(client, sent.facts, audience)) return INACTIVE;
    // Whoever sent it to the resource server uses it; a refresh token is only looked at.
    if (sent.facts.value.kind === 'ACCESS') this.lastUsed.used(sent.facts.token.id, now);
    return this.tell(sent, audience);
  }

  /** As a JWT has it; an opaque value for no resource in particular is good for each. */
  private audienceOf({ facts: { token }, jti }: SentValue): readonly string[] {
    return jti !== null && token.resource.length === 0 ? [hubResource(this.issuer)] : token.resource;
  }

  private tell({ facts, jti }: SentValue, audience: readonly string[]): IntrospectionAnswer {
    const { client, user, value } = facts;
    const expiresAt = expiryOf(facts);
    const [first] = audience;
    const scope = scopesOf(facts).join(' ');
    return {
      active: true,
      ...(scope === '' ? {} : { scope }),
      client_id: client.clientId,
      ...(user ? { username: user.name } : {}),
      ...(value.kind === 'ACCESS' ? { token_type: 'Bearer' as const } : {}),
      ...(expiresAt ? { exp: seconds(expiresAt) } : {}),
      iat: seconds(value.createdAt),
      sub: subjectOf(user?.id ?? null, client),
      ...(first === undefined ? {} : { aud: audience.length === 1 ? first : audience }),
      iss: this.issuer,
      jti: jti ?? value.id,
    };
  }
}

/** Whether the resource server may know of it: tokens for others could be tried there. */
function isFor(
  asking: Pick<ClientEntity, 'id' | 'resource'>,
  { client, value }: IssuedFacts,
  audience: readonly string[],
): boolean {
  if (value.kind === 'REFRESH') return client.id === asking.id && value.usedAt === null;
  return audience.length === 0 || audience.some((each) => asking.resource?.includes(each));
}

function seconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}
