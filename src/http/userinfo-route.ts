import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RateLimitedError } from '../errors.js';
import { OAuthError } from '../issuer/oauth-error.js';
import type { Userinfo } from '../issuer/userinfo.js';

const PATH = '/oauth/userinfo';

/** Web applications ask with a token, never with a cookie. */
const FOR_EVERYBODY = {
  config: { cors: { origin: '*', credentials: false, exposedHeaders: ['WWW-Authenticate', 'Retry-After'] } },
};

/** Who has logged in, for the access token that came of it. @see OpenID Connect Core §5.3 */
export function registerUserinfo(server: FastifyInstance, userinfo: Userinfo): void {
  server.options(PATH, FOR_EVERYBODY, (_request, reply) => reply.callNotFound());
  void server.register((scope, _options, done) => {
    // A POST needs no body, and what it has means nothing here (RFC 6750 §2.2 is not offered).
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, parsed) => {
      payload.resume();
      parsed(null);
    });
    const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      const token = bearerOf(request);
      if (token === undefined) return reply.code(401).header('www-authenticate', REALM).send();
      try {
        return await userinfo.claimsOf(token, request.ip);
      } catch (error) {
        if (error instanceof OAuthError) return refuse(reply, error);
        if (error instanceof RateLimitedError) return hold(reply, error);
        throw error;
      }
    };
    scope.route({ method: ['GET', 'POST'], url: PATH, ...FOR_EVERYBODY, handler });
    done();
  });
}

const REALM = 'Bearer realm="hub"';

/** @returns what stands behind `Bearer`; undefined for no such header */
function bearerOf({ headers }: FastifyRequest): string | undefined {
  return /^bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** @see RFC 6750 §3 */
function refuse(reply: FastifyReply, { code, message }: OAuthError): FastifyReply {
  const lacksScope = code === 'insufficient_scope';
  const challenge = `${REALM}, error="${code}", error_description="${message}"${lacksScope ? ', scope="openid"' : ''}`;
  return reply
    .code(lacksScope ? 403 : 401)
    .header('www-authenticate', challenge)
    .send({ error: code, error_description: message });
}

function hold(reply: FastifyReply, { message, retryAfterSeconds }: RateLimitedError): FastifyReply {
  return reply
    .code(429)
    .header('retry-after', retryAfterSeconds)
    .send({ error: 'temporarily_unavailable', error_description: message });
}
