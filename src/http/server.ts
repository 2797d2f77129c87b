import type { ApolloServer } from '@apollo/server';
import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Log } from '../log.js';
import type { GraphQLContext } from '../graphql/context.js';
import { newRequestId } from '../ids.js';
import { registerAccessLog } from './access-log.js';
import { answerError, registerErrorHandler } from './error-handler.js';
import { registerGraphql } from './graphql-route.js';
import { type MetricsText, type Readiness, registerOperations } from './operations.js';
import { registerResponseHeaders } from './response-headers.js';

/** Long enough for a field of 1 MB to reach its own check, which can say what is wrong with it. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 120_000;

export interface HttpServerParts {
  apollo: ApolloServer<GraphQLContext>;
  context: (request: FastifyRequest, reply: FastifyReply) => Promise<GraphQLContext>;
  readiness: Readiness;
  /** Whether this process is about to stop. */
  isDraining: () => boolean;
  metrics: MetricsText;
  log: Log;
  publicUrl: string;
  allowedOrigins: readonly string[];
  trustProxy: false | readonly string[];
}

/** Every route of the hub, not yet listening. */
export async function createHttpServer(parts: HttpServerParts): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = parts.log;
  const server: FastifyInstance = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: newRequestId,
    trustProxy: parts.trustProxy && [...parts.trustProxy],
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
  });
  registerErrorHandler(server);
  registerAccessLog(server);
  registerResponseHeaders(server, parts.isDraining);
  await server.register(cookie);
  await server.register(cors, { origin: [...parts.allowedOrigins], credentials: true, methods: ['GET', 'POST'] });
  registerOperations(server, parts.readiness, parts.metrics);
  registerGraphql(server, parts.apollo, parts.context, parts.publicUrl);
  return server;
}
