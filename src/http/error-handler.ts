import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Answers what never reached GraphQL in GraphQL's shape: broken JSON, bodies too large, wrong media types, faults. */
export function registerErrorHandler(server: FastifyInstance): void {
  server.setErrorHandler(answerError);
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({
      errors: [{ message: 'Nothing is served here. GraphQL is at /graphql.', extensions: { code: 'BAD_USER_INPUT' } }],
    }),
  );
}

/** Also for what Fastify refuses before it has found a route, such as a path it cannot decode. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = error.statusCode ?? 500;
  if (status >= 500) request.log.error({ err: error, requestId: request.id }, 'request failed');
  const body =
    status >= 500
      ? {
          message: 'Something went wrong in the hub. Give the correlation id to the operator.',
          extensions: { code: 'INTERNAL_SERVER_ERROR', correlationId: request.id },
        }
      : { message: explain(error), extensions: { code: 'BAD_USER_INPUT' } };
  return reply.code(status).send({ errors: [body] });
}

function explain(error: FastifyError): string {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return 'The request body is larger than 4 MiB: send less at once.';
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return 'The request body must be JSON: set Content-Type to application/json.';
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return 'The request body is not valid JSON: send an object such as {"query": "{ viewer { name } }"}.';
    default:
      return 'The request cannot be read: see the GraphQL over HTTP specification.';
  }
}
