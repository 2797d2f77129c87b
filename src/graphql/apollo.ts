import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { Log } from '../log.js';
import type { GraphQLContext } from './context.js';
import { errorLog, formatError } from './format-error.js';
import { documentLimits, MAX_TOKENS, requestLimits } from './limits.js';

/** Apollo with the hub's limits, masks and defences; not started. */
export function createApollo(schema: GraphQLSchema, log: Log): ApolloServer<GraphQLContext> {
  return new ApolloServer<GraphQLContext>({
    schema,
    csrfPrevention: true,
    // Who may introspect depends on the caller, and a stored document is not validated again: see requestLimits.
    introspection: true,
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: documentLimits(),
    formatError,
    plugins: [ApolloServerPluginLandingPageDisabled(), requestLimits, errorLog(log)],
    logger: {
      debug: (message: unknown) => log.debug(String(message)),
      info: (message: unknown) => log.info(String(message)),
      warn: (message: unknown) => log.warn(String(message)),
      error: (message: unknown) => log.error(String(message)),
    },
  });
}
