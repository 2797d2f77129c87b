import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';

/** What graphql-js refuses about a request that reached it whole. */
const REQUEST_ERRORS = ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT'];

/**
 * Answers 200 instead of 400 where the client asks for `application/json` by name: those who know no other media type
 * read the errors of an answer only under 200.
 *
 * @see GraphQL over HTTP, section 6.4.1
 */
export const statusByMediaType: ApolloServerPlugin = {
  requestDidStart: (): Promise<GraphQLRequestListener<object>> =>
    Promise.resolve({
      willSendResponse({ request, response, errors }) {
        const isRequestError = errors?.every(({ extensions }) => REQUEST_ERRORS.includes(String(extensions['code'])));
        const accepted = request.http?.headers.get('accept') ?? '';
        if (isRequestError && response.http.status === 400 && asksForJsonAlone(accepted)) response.http.status = 200;
        return Promise.resolve();
      },
    }),
};

function asksForJsonAlone(accept: string): boolean {
  return accept.includes('application/json') && !accept.includes('application/graphql-response+json');
}
