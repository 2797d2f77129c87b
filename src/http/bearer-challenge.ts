import { GraphQLError } from 'graphql';
import { ForbiddenError, type HubError, RateLimitedError, UnauthenticatedError } from '../errors.js';
import { hubResourceMetadata } from '../issuer/hub-metadata.js';

/** What the refusal of a request is about. */
interface Refused {
  readonly publicUrl: string;
  /** The Authorization header. */
  readonly authorization: string | undefined;
}

/**
 * Refuses a whole request for what its bearer token proves, in GraphQL's shape and in the words of the standard.
 *
 * @returns undefined for an error that says nothing of the token
 * @see RFC 6750 §3, RFC 9728 §5.1
 */
export function bearerRefusal(error: unknown, { authorization, publicUrl }: Refused): GraphQLError | undefined {
  if (error instanceof RateLimitedError) {
    return refusal(error, 429, ['retry-after', String(error.retryAfterSeconds)], {
      retryAt: error.retryAt.toISOString(),
    });
  }
  const challenge = (code: string | null, { message }: HubError): [string, string] => [
    'www-authenticate',
    bearerChallenge(publicUrl, code === null ? '' : `error="${code}", error_description="${quotable(message)}", `),
  ];
  if (error instanceof UnauthenticatedError) {
    // Another scheme is no wrong token: it gets no error code.
    const isBearer = /^bearer(?: |$)/i.test(authorization ?? '');
    return refusal(error, 401, challenge(isBearer ? 'invalid_token' : null, error));
  }
  if (error instanceof ForbiddenError) return refusal(error, 403, challenge('insufficient_scope', error));
  return undefined;
}

/**
 * What tells a client how to prove itself, and where it gets a token.
 *
 * @param why what was wrong with the token; nothing where none was sent
 * @see RFC 6750 §3, RFC 9728 §5.1
 */
export function bearerChallenge(publicUrl: string, why = ''): string {
  return `Bearer ${why}resource_metadata="${hubResourceMetadata(publicUrl)}"`;
}

function refusal(error: HubError, status: number, header: [string, string], more: object = {}): GraphQLError {
  const http = { status, headers: new Map([header]) };
  return new GraphQLError(error.message, { extensions: { code: error.code, ...more, http } });
}

/** What may stand between quotes. @see RFC 6750 §3 */
function quotable(text: string): string {
  return text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'");
}
