import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import type { AuthorizationCallbackService } from '../authorization/authorization-callback.service.js';
import type { AuthorizationLinkService } from '../authorization/authorization-link.service.js';
import type { RequestContext } from '../request-context.js';
import { type CallbackOutcome, callbackPage, PAGE_HEADERS } from './callback-page.js';

export interface OAuthCallbackParts {
  links: AuthorizationLinkService;
  callbacks: AuthorizationCallbackService;
  publicUrl: string;
  /** Frontends that may learn of the outcome in a pop-up. */
  allowedOrigins: readonly string[];
}

const COOKIE_PREFIX = 'hub_authorization_';

interface CallbackRoute {
  Params: { providerKey?: string };
}

/** Of a page for people: a fault is told in words too. */
type PageRoute = Pick<RouteShorthandOptions, 'exposeHeadRoute' | 'errorHandler'>;
type Show = (reply: FastifyReply, status: number, outcome: CallbackOutcome) => FastifyReply;

/** The browser's way to a provider and back. */
export function registerOAuthCallback(server: FastifyInstance, parts: OAuthCallbackParts): void {
  const { allowedOrigins, publicUrl } = parts;
  const origins = [...new Set([new URL(publicUrl).origin, ...allowedOrigins])];
  const show: Show = (reply, status, outcome) =>
    reply.code(status).headers(PAGE_HEADERS).send(callbackPage(outcome, origins));
  const route: PageRoute = {
    exposeHeadRoute: false,
    errorHandler: (error, request, reply) => {
      request.log.error({ err: error, requestId: request.id }, 'a page failed');
      const message = `Something went wrong in the hub. Try again, or give ${request.id} to the operator.`;
      void show(reply, 500, { success: false, title: 'This did not work', message });
    },
  };
  registerStart(server, parts, show, route);
  registerCallback(server, parts, show, route);
}

function registerStart(
  server: FastifyInstance,
  { links, publicUrl }: OAuthCallbackParts,
  show: Show,
  route: PageRoute,
): void {
  const path = '/oauth/start/:handle';
  server.get<{ Params: { handle: string } }>(path, route, async (request, reply) => {
    const link = await links.open(request.params.handle);
    if (!link) {
      const message =
        'It is unknown, was opened before or is older than ten minutes. Ask for a new link and start again.';
      return show(reply, 410, { success: false, title: 'This link cannot be used', message });
    }
    return reply
      .setCookie(COOKIE_PREFIX + link.id, link.cookie, { ...cookieOptions(publicUrl), expires: link.expiresAt })
      .header('cache-control', 'no-store')
      .header('referrer-policy', 'no-referrer')
      .redirect(link.url, 302);
  });
}

function registerCallback(
  server: FastifyInstance,
  { callbacks, publicUrl }: OAuthCallbackParts,
  show: Show,
  route: PageRoute,
): void {
  const finish = async (request: FastifyRequest<CallbackRoute>, reply: FastifyReply): Promise<FastifyReply> => {
    const result = await callbacks.finish(anonymous(request), {
      providerKey: request.params.providerKey ?? null,
      parameters: new URL(request.url, publicUrl).searchParams,
      cookies: journeyCookies(request),
    });
    if (result.journeyId) void reply.clearCookie(COOKIE_PREFIX + result.journeyId, cookieOptions(publicUrl));
    const { message, success, title } = result;
    const optional = {
      ...(result.returnTo ? { returnTo: result.returnTo } : {}),
      ...(result.tokenId ? { tokenId: result.tokenId } : {}),
    };
    return show(reply, success ? 200 : 400, { success, title, message, ...optional });
  };
  server.get<CallbackRoute>('/oauth/callback', route, finish);
  server.get<CallbackRoute>('/oauth/callback/:providerKey', route, finish);
}

function cookieOptions(publicUrl: string) {
  return {
    httpOnly: true,
    sameSite: 'lax',
    secure: publicUrl.startsWith('https://'),
    path: '/oauth/callback',
  } as const;
}

function journeyCookies({ cookies }: FastifyRequest): ReadonlyMap<string, string> {
  const journeys = Object.entries(cookies).filter(([name]) => name.startsWith(COOKIE_PREFIX));
  return new Map(journeys.map(([name, value]) => [name.slice(COOKIE_PREFIX.length), value ?? '']));
}

/** A browser on its way back proves itself by its cookie, not as a user of the hub. */
function anonymous(request: FastifyRequest): RequestContext {
  return { requestId: request.id, ip: request.ip, actor: { id: null, name: 'browser', roles: [] } };
}
