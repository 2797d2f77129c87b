import type { UserErrorCode } from '../errors.js';

/** Why the last exchange failed, as it is stored with the token: redacted, instants in ISO 8601. */
export interface TokenError {
  /** For the caller of a mutation. */
  code: UserErrorCode;
  /** In words, with what to do next. */
  message: string;
  /** The provider's error code (RFC 6749 §5.2), or the hub's word for what happened. */
  error: string;
  description: string | null;
  uri: string | null;
  httpStatus: number | null;
  /** Whether the same request can never succeed. */
  permanent: boolean;
  /** Whether the client was refused, so that every token of it is concerned. */
  clientLevel?: true;
  /** Whether not a byte has left, so that it may be this replica's network that is broken. */
  unsent?: true;
  retryAt: string | null;
  occurredAt: string;
}

/** As the API shows it. */
export function providerErrorOf(stored: TokenError | null | undefined) {
  if (!stored) return null;
  const { code, description, error, httpStatus, message, occurredAt, permanent, retryAt, uri } = stored;
  return {
    code,
    message,
    error,
    description,
    uri,
    httpStatus,
    permanent,
    retryAt: retryAt === null ? null : new Date(retryAt),
    occurredAt: new Date(occurredAt),
  };
}
