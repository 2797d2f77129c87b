import { GraphQLError } from 'graphql';

/** By errors that no two requests share. What lies under them may be shared: one fault of the database can fail many. */
const requestIds = new WeakMap<GraphQLError, string>();

/** Says which request has failed with this error, and no other. */
export function correlate(error: GraphQLError, requestId: string): void {
  requestIds.set(error, requestId);
}

/** An error of this request alone, over one that may have failed others too. */
export function failureOf(requestId: string, cause: unknown): GraphQLError {
  const originalError = cause instanceof Error ? cause : new Error(String(cause));
  const failure = new GraphQLError(originalError.message, { originalError });
  correlate(failure, requestId);
  return failure;
}

/** The request that failed with it: what a masked error tells the caller and what stands in the log. */
export function correlationId(error: unknown): string | undefined {
  return error instanceof GraphQLError ? requestIds.get(error) : undefined;
}
