import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';
import type { Log } from '../log.js';
import type { GraphQLContext } from './context.js';
import { correlate, correlationId, failureOf } from './correlation.js';
import { isFault, originalOf } from './format-error.js';

/** Of a name that a caller chose. */
const MAX_NAME_LENGTH = 100;

/** Logs what formatError masks, under the correlation id that the caller gets. */
export function errorLog(log: Log): ApolloServerPlugin<GraphQLContext> {
  const tell = (error: unknown, more: object = {}): Promise<void> => {
    if (isFault(error))
      log.error({ err: originalOf(error), requestId: correlationId(error), ...more }, 'request failed');
    return Promise.resolve();
  };
  return {
    contextCreationDidFail: ({ error }) => tell(error),
    async unexpectedErrorProcessingRequest({ error, requestContext }) {
      const failure = failureOf(requestContext.contextValue.requestId, error);
      await tell(failure);
      // In place of Apollo's own, which would be nobody's.
      throw failure;
    },
    requestDidStart: (): Promise<GraphQLRequestListener<GraphQLContext>> =>
      Promise.resolve({
        async didEncounterErrors({ contextValue, errors, operationName }) {
          for (const error of errors) {
            correlate(error, contextValue.requestId);
            await tell(error, { operationName: operationName?.slice(0, MAX_NAME_LENGTH), path: error.path });
          }
        },
      }),
  };
}
