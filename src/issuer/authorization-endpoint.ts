import { isolated } from '../bidi.js';
import type { ClientEntity } from '../client/client.entity.js';
import type { Clock } from '../database/clock.js';
import type { RequestContext } from '../request-context.js';
import type { PageSession } from '../session/page-session.service.js';
import { answerLocation, isRegisteredRedirectUri } from './authorization-endpoint-redirect.js';
import { type AskedAuthorization, readAuthorizationRequest, valueOf } from './authorization-endpoint-request.js';
import type { ConsentClientRepository } from './consent-client.repository.js';
import type { AuthorizationRequest, Consents } from './consents.js';
import type { IdTokens } from './id-tokens.js';
import { OAuthError } from './oauth-error.js';

/** What a person is told where nobody can be sent back: the request may be anybody's. */
export interface AuthorizationProblem {
  readonly kind: 'PROBLEM';
  readonly title: string;
  readonly message: string;
}

/** What the browser gets next. */
export type AuthorizationStep =
  | AuthorizationProblem
  | { readonly kind: 'REDIRECT'; readonly location: string }
  | { readonly kind: 'LOGIN'; readonly request: AuthorizationRequest }
  /** The same once more, with these parameters. */
  | { readonly kind: 'AGAIN'; readonly parameters: URLSearchParams }
  | { readonly kind: 'CONSENT'; readonly request: AuthorizationRequest; readonly session: PageSession };

type Verified = Omit<AuthorizationRequest, 'asked'>;

/**
 * The authorization endpoint, without the pages. No browser is sent anywhere before client and redirect URI are known to be
 * right.
 *
 * @see RFC 6749 §4.1, RFC 9207, OpenID Connect Core §3.1.2
 */
export class AuthorizationEndpoint {
  constructor(
    private readonly clients: ConsentClientRepository,
    private readonly consents: Consents,
    private readonly idTokens: Pick<IdTokens, 'subjectOf'>,
    private readonly clock: Clock,
    private readonly issuer: string,
  ) {}

  /** @param session of the browser; null where nobody is logged in */
  open(ctx: RequestContext, parameters: URLSearchParams, session: PageSession | null): Promise<AuthorizationStep> {
    return this.answer(parameters, async (request) => {
      const isSilent = request.asked.prompts.includes('none');
      if (!session || this.mustLogIn(request.asked, session) || (await this.isAnother(request, session))) {
        if (isSilent) throw new OAuthError('login_required', 'The person has to log in.');
        return { kind: 'LOGIN', request };
      }
      const standing = await this.consents.standing(request, session);
      if (standing) {
        const code = await this.consents.give(ctx, request, session, standing);
        return this.redirect(request, parameters, { code });
      }
      if (isSilent) throw new OAuthError('consent_required', 'The person has to consent.');
      return { kind: 'CONSENT', request, session };
    });
  }

  /** Somebody has logged in for it. */
  entered(parameters: URLSearchParams, person: Pick<PageSession, 'user'>): Promise<AuthorizationStep> {
    return this.answer(parameters, async (request) => {
      if (await this.isAnother(request, person))
        throw new OAuthError('login_required', 'Another person has logged in than the id_token_hint is about.');
      return { kind: 'AGAIN', parameters: afterLogin(parameters) };
    });
  }

  /** The person has said yes. */
  allow(ctx: RequestContext, parameters: URLSearchParams, session: PageSession): Promise<AuthorizationStep> {
    return this.answer(parameters, async (request) => {
      const code = await this.consents.give(ctx, request, session, null);
      return this.redirect(request, parameters, { code });
    });
  }

  /** The person has said no. */
  deny(ctx: RequestContext, parameters: URLSearchParams, session: PageSession): Promise<AuthorizationStep> {
    return this.answer(parameters, async (request) => {
      await this.consents.deny(ctx, request, session);
      throw new OAuthError('access_denied', 'The person did not consent.');
    });
  }

  private async answer(
    parameters: URLSearchParams,
    next: (request: AuthorizationRequest) => Promise<AuthorizationStep>,
  ): Promise<AuthorizationStep> {
    const verified = await this.verify(parameters);
    if ('kind' in verified) return verified;
    try {
      return await next({ ...verified, asked: readAuthorizationRequest(parameters, verified.client) });
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      return this.redirect(verified, parameters, { error: error.code, error_description: error.message });
    }
  }

  private redirect(
    { redirectUri }: Verified,
    parameters: URLSearchParams,
    answer: Readonly<Record<string, string>>,
  ): AuthorizationStep {
    // Which of two is meant nobody knows.
    const state = parameters.getAll('state').length === 1 ? valueOf(parameters, 'state') : null;
    return { kind: 'REDIRECT', location: answerLocation(redirectUri, { ...answer, state, iss: this.issuer }) };
  }

  private mustLogIn({ maxAgeSeconds, prompts }: AskedAuthorization, { authenticatedAt }: PageSession): boolean {
    const ageMs = this.clock.now().getTime() - authenticatedAt.getTime();
    const isTooOld = maxAgeSeconds !== null && ageMs > maxAgeSeconds * 1000;
    return isTooOld || prompts.includes('login') || prompts.includes('select_account');
  }

  /** Whether the client expects somebody else. @see OpenID Connect Core §3.1.2.2 */
  private async isAnother(
    { asked, client }: AuthorizationRequest,
    { user }: Pick<PageSession, 'user'>,
  ): Promise<boolean> {
    if (asked.idTokenHint === null) return false;
    const subject = await this.idTokens.subjectOf(asked.idTokenHint, client.clientId);
    return subject !== null && subject !== user.id;
  }

  private async verify(parameters: URLSearchParams): Promise<Verified | AuthorizationProblem> {
    const clientId = valueOf(parameters, 'client_id');
    const miscount = miscountOf(parameters, 'client_id');
    const client = clientId !== null && miscount === null ? await this.clients.find(clientId) : null;
    if (!client) {
      const message = `It sent you here with ${miscount ?? 'a client_id that is unknown'}.`;
      return problem('This application is not known here', message);
    }
    const name = isolated(client.name);
    const redirectUri = redirectUriOf(parameters, client);
    if (redirectUri === null) {
      const fault = miscountOf(parameters, 'redirect_uri') ?? 'a redirect_uri that is not registered for it';
      return problem('This application cannot be answered', `${name} sent you here with ${fault}.`);
    }
    if (!client.enabled) return problem('This application is switched off', `${name} may not ask for access now.`);
    if (!client.isProviderEnabled)
      return problem('Access is switched off', 'The hub gives nobody access on behalf of others now.');
    return { client, redirectUri, sentRedirectUri: valueOf(parameters, 'redirect_uri') };
  }
}

/** @returns null for a parameter that is there once */
function miscountOf(parameters: URLSearchParams, name: string): string | null {
  if (parameters.getAll(name).length > 1) return `more than one ${name}`;
  return valueOf(parameters, name) === null ? `no ${name}` : null;
}

/** @returns null where it is not clear, or not registered */
function redirectUriOf(parameters: URLSearchParams, client: ClientEntity): string | null {
  const registered = client.redirectUris ?? [];
  const sent = valueOf(parameters, 'redirect_uri');
  if (parameters.getAll('redirect_uri').length > 1) return null;
  if (sent === null) return registered.length === 1 ? (registered[0] ?? null) : null;
  return isRegisteredRedirectUri(registered, sent) ? sent : null;
}

function problem(title: string, message: string): AuthorizationProblem {
  const advice = 'Nothing was given away. Tell whoever runs the application, or a System Manager of this hub.';
  return { kind: 'PROBLEM', title, message: `${message} ${advice}` };
}

/** The same request, after the login that it asked for. */
function afterLogin(parameters: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(parameters);
  const isConsentAsked = valueOf(parameters, 'prompt')?.split(' ').includes('consent');
  next.delete('max_age');
  next.delete('prompt');
  if (isConsentAsked) next.set('prompt', 'consent');
  return next;
}

/** The same request, by whoever logs in next. */
export function withoutHint(parameters: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(parameters);
  next.delete('login_hint');
  return next;
}
