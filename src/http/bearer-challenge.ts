import { GraphQLError } from 'graphql';
import { ForbiddenError, type HubError, RateLimitedError, UnauthenticatedError } from '../errors.js';

/**
 * Refuses a whole request for what its bearer token proves, in GraphQL's shape and in the words of the standard.
 *
 * @returns undefined for an error that says nothing of the token
 * @see RFC 6750 §3, RFC 9728 §5.1
 */
export function bearerChallenge(error: unknown, publicUrl: string): GraphQLError | undefined {
  if (error instanceof RateLimitedError) {
    return refusal(error, 429, ['retry-after', String(error.retryAfterSeconds)], {
      retryAt: error.retryAt.toISOString(),
    });
  }
  const challenge = (code: string, { message }: HubError): [string, string] => [
    'www-authenticate',
    `Bearer error="${code}", error_description="${quotable(message)}", resource_metadata="${publicUrl}/.well-known/oauth-protected-resource"`,
  ];
  if (error instanceof UnauthenticatedError) return refusal(error, 401, challenge('invalid_token', error));
  if (error instanceof ForbiddenError) return refusal(error, 403, challenge('insufficient_scope', error));
  return undefined;
}

function refusal(error: HubError, status: number, header: [string, string], more: object = {}): GraphQLError {
  const http = { status, headers: new Map([header]) };
  return new GraphQLError(error.message, { extensions: { code: error.code, ...more, http } });
}

/** What may stand between quotes. @see RFC 6750 §3 */
function quotable(text: string): string {
  return text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'");
}
