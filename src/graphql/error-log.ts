import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';
import type { Log } from '../log.js';
import type { GraphQLContext } from './context.js';
import { correlationId } from './correlation.js';
import { isFault, originalOf } from './format-error.js';

/** Of a name that a caller chose. */
const MAX_NAME_LENGTH = 100;

/** Logs what formatError masks, under the correlation id that the caller gets. */
export function errorLog(log: Log): ApolloServerPlugin<GraphQLContext> {
  const tell = (error: unknown, more: object = {}): Promise<void> => {
    if (isFault(error)) log.error({ err: originalOf(error), requestId: correlationId(), ...more }, 'request failed');
    return Promise.resolve();
  };
  return {
    contextCreationDidFail: ({ error }) => tell(error),
    unexpectedErrorProcessingRequest: ({ error }) => tell(error),
    requestDidStart: (): Promise<GraphQLRequestListener<GraphQLContext>> =>
      Promise.resolve({
        async didEncounterErrors({ errors, operationName }) {
          for (const error of errors)
            await tell(error, { operationName: operationName?.slice(0, MAX_NAME_LENGTH), path: error.path });
        },
      }),
  };
}
