import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { GraphQLContext } from '../graphql/context.js';
import { failureOf } from '../graphql/correlation.js';
import { bearerChallenge } from './bearer-challenge.js';

/** `/graphql`, by POST and, for queries, by GET. */
export function registerGraphql(
  server: FastifyInstance,
  apollo: ApolloServer<GraphQLContext>,
  context: (request: FastifyRequest, reply: FastifyReply) => Promise<GraphQLContext>,
  publicUrl: string,
): void {
  const ownContext = (request: FastifyRequest, reply: FastifyReply) =>
    context(request, reply).catch((error: unknown) => {
      throw failureOf(request.id, error);
    });
  server.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    onRequest: refuseUnreadableHost,
    onSend(_request, reply, payload, done) {
      const isUnexplained = reply.statusCode === 401 && !reply.hasHeader('www-authenticate');
      if (isUnexplained) void reply.header('www-authenticate', bearerChallenge(publicUrl));
      done(null, payload);
    },
    handler: fastifyApolloHandler(apollo, { context: ownContext }),
  });
}

/** The integration puts the URL together from this header. @see RFC 9112 §3.2 */
const refuseUnreadableHost: onRequestHookHandler = (request, reply, done) => {
  if (URL.canParse(request.url, `${request.protocol}://${request.hostname}/`)) return done();
  const message = 'The Host header is not the name of a server: correct it in the client or the proxy.';
  void reply.code(400).send({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] });
};
