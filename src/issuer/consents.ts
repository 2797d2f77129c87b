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

/** What people let clients do in their name. */
export class Consents {
  constructor(
    private readonly codes: AuthorizationCodes,
    private readonly grants: IssuedGrants,
    private readonly audit: AuditRecorder,
  ) {}

  /**
   * Whether the person has to be asked: not where the client is trusted, and not where a live token stands for the same
   * consent. A client that anybody on the machine can pretend to be is asked for each time, trusted or not.
   *
   * @see RFC 6749 §10.2, RFC 8252 §8.6
   */
  async isNeeded({ asked, client, redirectUri }: AuthorizationRequest, { user }: PageSession): Promise<boolean> {
    if (asked.prompts.includes('consent')) return true;
    const isPretendable = client.tokenEndpointAuthMethod === 'NONE' && !redirectUri.startsWith('https://');
    if (isPretendable) return true;
    if (client.trusted) return false;
    const { resource, scopes } = asked;
    const grantType = 'AUTHORIZATION_CODE';
    return (await this.grants.find({ client, userId: user.id, grantType, scopes, resource })) === null;
  }

  /**
   * @param wasAsked whether the person has just said yes, as a consent counts from then
   * @returns the authorization code
   */
  give(
    ctx: RequestContext,
    { asked, client, sentRedirectUri }: AuthorizationRequest,
    session: PageSession,
    wasAsked: boolean,
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
      wasAsked,
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
