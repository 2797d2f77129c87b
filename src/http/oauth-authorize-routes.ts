import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import type { AuthorizationEndpoint } from '../issuer/authorization-endpoint.js';
import type { FormTokens } from '../session/form-tokens.js';
import type { PageSessionService } from '../session/page-session.service.js';
import { problemPage, pageHeaders } from './authorize-page.js';
import { AuthorizeForms } from './authorize-forms.js';

export interface OAuthAuthorizeParts {
  endpoint: AuthorizationEndpoint;
  pageSessions: PageSessionService;
  forms: FormTokens;
  publicUrl: string;
}

const FORM_TYPE = 'application/x-www-form-urlencoded';
const FORM_LIMIT_BYTES = 64 * 1024;

type FormRequest = FastifyRequest<{ Body: URLSearchParams }>;

/** Of pages for people: a fault is told in words too. */
const ROUTE: Pick<RouteShorthandOptions, 'exposeHeadRoute' | 'bodyLimit' | 'errorHandler'> = {
  exposeHeadRoute: false,
  bodyLimit: FORM_LIMIT_BYTES,
  errorHandler: (error, request, reply) => {
    const isFault = (error.statusCode ?? 500) >= 500;
    if (isFault) request.log.error({ err: error, requestId: request.id }, 'a page failed');
    const message = isFault
      ? `Something went wrong in the hub. Try again, or give ${request.id} to the operator.`
      : 'The request cannot be read. Go back to the application and start again.';
    const status = isFault ? 500 : (error.statusCode ?? 400);
    void reply.code(status).headers(pageHeaders(null)).send(problemPage('This did not work', message));
  },
};

/** Where third parties send browsers for consent. @see RFC 6749 §3.1 */
export function registerOAuthAuthorize(server: FastifyInstance, parts: OAuthAuthorizeParts): void {
  const forms = new AuthorizeForms(parts);
  void server.register((scope, _options, done) => {
    // Whatever the rest of the hub makes of forms.
    if (scope.hasContentTypeParser(FORM_TYPE)) scope.removeContentTypeParser(FORM_TYPE);
    scope.addContentTypeParser(FORM_TYPE, { parseAs: 'string' }, (_request, body, parsed) =>
      parsed(null, new URLSearchParams(String(body))),
    );
    scope.get('/oauth/authorize', ROUTE, (request, reply) => forms.open(request, reply, queryOf(request)));
    scope.post('/oauth/authorize', ROUTE, (request: FormRequest, reply) => askAgain(request, reply, parts.publicUrl));
    // A tab that is opened again comes by GET, without its form.
    for (const path of ['/oauth/authorize/login', '/oauth/authorize/consent'])
      scope.get(path, ROUTE, (request, reply) => askAgain(request, reply, parts.publicUrl));
    scope.post('/oauth/authorize/login', ROUTE, (request: FormRequest, reply) =>
      forms.login(request, reply, queryOf(request), bodyOf(request)),
    );
    scope.post('/oauth/authorize/consent', ROUTE, (request: FormRequest, reply) =>
      forms.decide(request, reply, queryOf(request), bodyOf(request)),
    );
    done();
  });
}

/**
 * A request in a form of another site comes without the cookie of the login; one that follows a link has it.
 *
 * @see OpenID Connect Core §3.1.2.1
 */
function askAgain(request: FastifyRequest, reply: FastifyReply, publicUrl: string): FastifyReply {
  const parameters = new URLSearchParams([...queryOf(request), ...bodyOf(request)]);
  return reply
    .header('referrer-policy', 'no-referrer')
    .redirect(`${publicUrl}/oauth/authorize?${parameters.toString()}`, 303);
}

function queryOf({ url }: Pick<FastifyRequest, 'url'>): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1));
}

/** One that has no body has no fields. */
function bodyOf({ body }: FastifyRequest): URLSearchParams {
  return body instanceof URLSearchParams ? body : new URLSearchParams();
}
