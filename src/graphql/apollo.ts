import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { Log } from '../log.js';
import type { GraphQLContext } from './context.js';
import { DocumentLimitsRule } from './document-limits.js';
import { errorLog } from './error-log.js';
import { formatError } from './format-error.js';
import { MAX_TOKENS, requestLimits } from './limits.js';
import { statusByMediaType } from './status-by-media-type.js';

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
    persistedQueries: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: [DocumentLimitsRule],
    formatError,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // Apollo would call out by itself as soon as the environment holds one of its keys.
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      requestLimits,
      errorLog(log),
      statusByMediaType,
    ],
    logger: {
      debug: (message: unknown) => log.debug(String(message)),
      info: (message: unknown) => log.info(String(message)),
      warn: (message: unknown) => log.warn(String(message)),
      error: (message: unknown) => log.error(String(message)),
    },
  });
}
