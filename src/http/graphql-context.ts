import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLContext } from '../graphql/context.js';
import { createLoaders, type LoaderSources } from '../graphql/loaders.js';
import type { Actor } from '../request-context.js';
import { bearerRefusal } from './bearer-challenge.js';
import { sessionCookie } from './session-cookie.js';

interface Authenticator {
  authenticate(authorization: string | undefined, ip: string | null): Promise<Actor | null>;
}

interface Origins {
  readonly publicUrl: string;
  readonly allowedOrigins: readonly string[];
}

/** Makes the context of each GraphQL request: who asks, from where, and fresh loaders. */
export function graphqlContext(origins: Origins, authenticator: Authenticator, sources: LoaderSources) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<GraphQLContext> => {
    const actor = await actorOf(authenticator, request, origins.publicUrl);
    return {
      requestId: request.id,
      ip: request.ip,
      actor,
      loaders: createLoaders(sources, { actor }),
      sessionCookie: sessionCookie(request, reply, origins.publicUrl, origins.allowedOrigins),
    };
  };
}

/** A bearer token that proves nobody ends the request. */
async function actorOf(
  authenticator: Authenticator,
  { headers, ip }: FastifyRequest,
  publicUrl: string,
): Promise<Actor | null> {
  try {
    return await authenticator.authenticate(headers.authorization, ip);
  } catch (error) {
    throw bearerRefusal(error, { publicUrl, authorization: headers.authorization }) ?? error;
  }
}
