import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import type { ClientRequest } from '../issuer/presented-client.js';
import type { RequestContext } from '../request-context.js';
import { formOf, serveOAuthForms } from './oauth-form-scope.js';

/** What becomes of a request of a client. */
interface Endpoint {
  answer(ctx: RequestContext, request: ClientRequest): Promise<object>;
}

export interface OAuthTokenParts {
  tokens: Endpoint;
  introspection: Endpoint & { signedAnswer(ctx: RequestContext, request: ClientRequest): Promise<string> };
  revocation: { revoke(ctx: RequestContext, request: ClientRequest): Promise<void> };
}

/** Public clients live in web pages, whatever page that is. No cookie plays a part: a client proves itself in the form. */
const FOR_EVERYBODY = {
  config: { cors: { origin: '*', credentials: false, exposedHeaders: ['WWW-Authenticate', 'Retry-After'] } },
};

/** @see RFC 9701 §4 */
const SIGNED_INTROSPECTION = 'application/token-introspection+jwt';

/** The endpoints that clients call themselves. @see RFC 6749 §3.2, RFC 7009, RFC 7662 */
export function registerOAuthTokenRoutes(server: FastifyInstance, parts: OAuthTokenParts): void {
  const { introspection, revocation, tokens } = parts;
  void server.register(async (scope) => {
    serveOAuthForms(scope);
    for (const path of ['/oauth/token', '/oauth/revoke'])
      scope.options(path, FOR_EVERYBODY, (_request, reply) => reply.callNotFound());
    post(scope, '/oauth/token', FOR_EVERYBODY, async (ctx, request, reply) => {
      // For caches of HTTP/1.0. @see RFC 6749 §5.1
      void reply.header('pragma', 'no-cache');
      return tokens.answer(ctx, request);
    });
    post(scope, '/oauth/introspect', {}, async (ctx, request, reply) => {
      if (!accepts(reply.request, SIGNED_INTROSPECTION)) return introspection.answer(ctx, request);
      const signed = await introspection.signedAnswer(ctx, request);
      return reply.type(SIGNED_INTROSPECTION).send(signed);
    });
    post(scope, '/oauth/revoke', FOR_EVERYBODY, async (ctx, request) => {
      await revocation.revoke(ctx, request);
      return {};
    });
  });
}

function post(
  scope: FastifyInstance,
  path: string,
  options: RouteShorthandOptions,
  answer: (ctx: RequestContext, request: ClientRequest, reply: FastifyReply) => Promise<object>,
): void {
  scope.post(path, options, (request, reply) =>
    answer(
      { requestId: request.id, ip: request.ip, actor: null },
      { authorization: request.headers.authorization, parameters: formOf(request) },
      reply,
    ),
  );
  scope.get(path, { exposeHeadRoute: false }, onlyPost);
}

/** Whether the media type is named, other than by `*`. */
function accepts({ headers }: FastifyRequest, mediaType: string): boolean {
  const named = (headers.accept ?? '').split(',').map((each) => each.split(';')[0]?.trim().toLowerCase());
  return named.includes(mediaType);
}

/** Said in the words of OAuth. */
async function onlyPost(_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const error = { error: 'invalid_request', error_description: 'Send this request by POST.' };
  return reply.code(405).header('allow', 'POST').send(error);
}
