import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { UnauthenticatedError } from '../errors.js';
import type { GraphQLContext } from '../graphql/context.js';
import { createLoaders, type LoaderSources } from '../graphql/loaders.js';
import type { Actor } from '../request-context.js';
import { sessionCookie } from './session-cookie.js';

interface Authenticator {
  authenticate(authorization: string | undefined): Promise<Actor | null>;
}

interface Origins {
  readonly publicUrl: string;
  readonly allowedOrigins: readonly string[];
}

/** Makes the context of each GraphQL request: who asks, from where, and fresh loaders. */
export function graphqlContext(origins: Origins, authenticator: Authenticator, sources: LoaderSources) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<GraphQLContext> => {
    const actor = await actorOf(authenticator, request.headers.authorization);
    return {
      requestId: request.id,
      ip: request.ip,
      actor,
      loaders: createLoaders(sources, { actor }),
      sessionCookie: sessionCookie(request, reply, origins.publicUrl, origins.allowedOrigins),
    };
  };
}

/** A bearer token that proves nobody ends the request with 401. @see RFC 6750 §3 */
async function actorOf(authenticator: Authenticator, authorization: string | undefined): Promise<Actor | null> {
  try {
    return await authenticator.authenticate(authorization);
  } catch (error) {
    if (!(error instanceof UnauthenticatedError)) throw error;
    const challenge = new Map([['www-authenticate', 'Bearer error="invalid_token"']]);
    throw new GraphQLError(error.message, {
      extensions: { code: error.code, http: { status: 401, headers: challenge } },
    });
  }
}
