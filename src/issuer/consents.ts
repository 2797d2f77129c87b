import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { AuthorizationCodes } from '../authorization-code/authorization-code.service.js';
import type { ClientEntity } from '../client/client.entity.js';
import type { RequestContext } from '../request-context.js';
import type { PageSession } from '../session/page-session.service.js';
import { actingAs } from '../user/actor-of.js';
import type { AskedAuthorization } from './authorization-endpoint-request.js';
import type { IssuedGrants } from './issued-grants.js';

/** A request whose client and redirect URI are known to be right. */
export interface AuthorizationRequest {
  readonly client: ClientEntity;
  /** Where the answer goes. */
  readonly redirectUri: string;
  /** As it stood in the request; null where there was none. */
  readonly sentRedirectUri: string | null;
  readonly asked: AskedAuthorization;
}

/** Why a person need not be asked. */
export interface Standing {
  /** The live token of an earlier consent; null: the client is trusted. */
  readonly tokenId: string | null;
}

/** What people let clients do in their name. */
export class Consents {
  constructor(
    private readonly codes: AuthorizationCodes,
    private readonly grants: IssuedGrants,
    private readonly audit: AuditRecorder,
  ) {}

  /**
   * What stands for the consent of the person: the trust in the client, or a live token of the same consent. Nothing does
   * for a client that anybody on the machine can pretend to be, trusted or not.
   *
   * @returns null where the person has to be asked
   * @see RFC 6749 §10.2, RFC 8252 §8.6
   */
  async standing(
    { asked, client, redirectUri }: AuthorizationRequest,
    { user }: PageSession,
  ): Promise<Standing | null> {
    if (asked.prompts.includes('consent')) return null;
    const isPretendable = client.tokenEndpointAuthMethod === 'NONE' && !redirectUri.startsWith('https://');
    if (isPretendable) return null;
    if (client.trusted) return { tokenId: null };
    const { resource, scopes } = asked;
    const grantType = 'AUTHORIZATION_CODE';
    const found = await this.grants.find({ client, userId: user.id, grantType, scopes, resource });
    return found && { tokenId: found.id };
  }

  /**
   * @param standing what stands for the consent; null where the person has just said yes
   * @returns the authorization code
   */
  give(
    ctx: RequestContext,
    { asked, client, sentRedirectUri }: AuthorizationRequest,
    session: PageSession,
    standing: Standing | null,
  ): Promise<string> {
    const { codeChallenge, nonce, resource, scopes } = asked;
    const { authenticatedAt, user } = session;
    return this.codes.issue(actingAs(ctx, user), {
      clientRowId: client.id,
      userId: user.id,
      scopes,
      resource,
      redirectUri: sentRedirectUri,
      codeChallenge,
      nonce,
      wasAsked: standing === null,
      standingTokenId: standing?.tokenId ?? null,
      authenticatedAt,
    });
  }

  async deny(ctx: RequestContext, { asked, client }: AuthorizationRequest, { user }: PageSession): Promise<void> {
    const detail = { userId: user.id, scopes: asked.scopes, resource: asked.resource };
    await this.audit.recordBeforeAnswer(actingAs(ctx, user), {
      action: 'CONSENT_DENIED',
      subjectId: client.id,
      success: false,
      detail,
    });
  }
}
