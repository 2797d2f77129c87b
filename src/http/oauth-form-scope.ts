import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RateLimitedError } from '../errors.js';
import { formParameters } from '../issuer/form-parameters.js';
import { OAuthError, type OAuthErrorCode } from '../issuer/oauth-error.js';

const FORM = 'application/x-www-form-urlencoded';
const BODY_LIMIT_BYTES = 64 * 1024;

const STATUS: Partial<Record<OAuthErrorCode, number>> = {
  invalid_client: 401,
  access_denied: 403,
  server_error: 500,
  temporarily_unavailable: 503,
};

/**
 * Makes the routes of this scope endpoints of OAuth: they take forms and nothing else, and tell errors in JSON.
 *
 * @see RFC 6749 §3.2 and §5.2
 */
export function serveOAuthForms(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  const options = { parseAs: 'string', bodyLimit: BODY_LIMIT_BYTES } as const;
  scope.addContentTypeParser(FORM, options, async (request: FastifyRequest, body: string) => {
    const charset = /;\s*charset="?([^";\s]+)/i.exec(request.headers['content-type'] ?? '')?.[1] ?? 'utf-8';
    if (charset.toLowerCase() === 'utf-8') return formParameters(body);
    throw new OAuthError('invalid_request', 'The form must be encoded in UTF-8.');
  });
  scope.addHook('onRequest', async (request) => {
    if (request.url.includes('?'))
      throw new OAuthError('invalid_request', 'Parameters belong in the body: the URL takes none.');
  });
  scope.setErrorHandler(answerOAuthError);
}

/** What was sent as the form. */
export function formOf(request: FastifyRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
}

function answerOAuthError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof OAuthError) {
    // The challenge is for whoever has tried the header; a browser would ask people for a password.
    if (error.code === 'invalid_client' && request.headers.authorization !== undefined)
      void reply.header('www-authenticate', 'Basic realm="hub", charset="UTF-8"');
    return send(reply, STATUS[error.code] ?? 400, error.code, error.message);
  }
  if (error instanceof RateLimitedError) {
    const seconds = Math.max(1, Math.ceil((error.retryAt.getTime() - Date.now()) / 1000));
    void reply.header('retry-after', seconds);
    return send(reply, 429, 'temporarily_unavailable', error.message);
  }
  const status = error.statusCode ?? 500;
  if (status < 500) return send(reply, status, 'invalid_request', explain(error));
  request.log.error({ err: error, requestId: request.id }, 'request failed');
  const message = `Something went wrong in the hub. Give ${request.id} to the operator.`;
  return send(reply, 500, 'server_error', message);
}

function explain({ code }: FastifyError): string {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return 'The request body is larger than 64 KiB: send less.';
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return `The request body must be a form: set Content-Type to ${FORM}.`;
    default:
      return 'The request cannot be read.';
  }
}

function send(reply: FastifyReply, status: number, error: OAuthErrorCode, description: string): FastifyReply {
  return reply.code(status).send({ error, error_description: description });
}
