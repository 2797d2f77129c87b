import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';
import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Log } from '../log.js';
import { BadInputError, HubError, RateLimitedError } from '../errors.js';
import type { GraphQLContext } from './context.js';
import { validationProblems } from './validation-errors.js';

const MASKED = 'Something went wrong in the hub. Give the correlation id to the operator: the log says more.';

/** What leaves the hub of an error: its own errors as they are, GraphQL's refusals, and a mask over everything else. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const original = unwrapResolverError(error);
  const answer = (message: string, extensions: Record<string, unknown>): GraphQLFormattedError => ({
    message,
    ...(formatted.locations ? { locations: formatted.locations } : {}),
    ...(formatted.path ? { path: formatted.path } : {}),
    extensions,
  });
  const invalid = validationProblems(original);
  if (invalid)
    return answer(invalid.map((each) => each.message).join(' '), { code: 'BAD_USER_INPUT', field: invalid[0]?.field });
  if (original instanceof HubError) return answer(original.message, extensionsOf(original));
  if (isRefusal(original, formatted))
    return answer(formatted.message, { code: formatted.extensions?.['code'] ?? 'BAD_USER_INPUT' });
  return answer(MASKED, { code: 'INTERNAL_SERVER_ERROR', correlationId: correlationIdOf(error) });
}

/** Logs what formatError masks, under the correlation id that the caller gets. */
export function errorLog(log: Log): ApolloServerPlugin<GraphQLContext> {
  return {
    requestDidStart: (): Promise<GraphQLRequestListener<GraphQLContext>> =>
      Promise.resolve({
        didEncounterErrors({ contextValue, errors, operationName }) {
          for (const error of errors) {
            const original = unwrapResolverError(error);
            if (original instanceof HubError || isRefusal(original, error)) continue;
            error.extensions['correlationId'] = contextValue.requestId;
            log.error(
              { err: original, requestId: contextValue.requestId, operationName, path: error.path },
              'request failed',
            );
          }
          return Promise.resolve();
        },
      }),
  };
}

function extensionsOf(error: HubError): Record<string, unknown> {
  return {
    code: error.code,
    ...(error instanceof BadInputError && error.field ? { field: error.field } : {}),
    ...(error instanceof RateLimitedError ? { retryAt: error.retryAt.toISOString() } : {}),
  };
}

/** Raised by graphql-js or Apollo about the request itself: parsing, validation, variables, limits, CSRF. */
function isRefusal(
  original: unknown,
  formatted: { extensions?: Record<string, unknown> | undefined; path?: unknown },
): boolean {
  const code = formatted.extensions?.['code'];
  return (
    isGraphQLError(original) && (code === undefined ? formatted.path === undefined : code !== 'INTERNAL_SERVER_ERROR')
  );
}

/** By name too: limits come from a package that loads its own copy of graphql. */
function isGraphQLError(error: unknown): boolean {
  return error instanceof GraphQLError || (error instanceof Error && error.name === 'GraphQLError');
}

function correlationIdOf(error: unknown): unknown {
  return (error as Partial<GraphQLError>).extensions?.['correlationId'];
}
