import { type AnswerContext, answerFailure, isSuccess } from './answer-failure.js';
import { readAnswerBody } from './answer-body.js';
import type { OAuthClient } from './client-authentication.js';
import { formRequest, type FormRequest } from './form-request.js';
import { reportedError } from './reported-error.js';
import type { StoredAnswer } from './stored-answer.js';

/** What kind a token is: only a hint, to find it sooner. @see RFC 7009 §2.1 */
export type TokenTypeHint = 'access_token' | 'refresh_token';

/** That the token does not count at the provider: from now on, or already before. */
export type Revocation = 'REVOKED' | 'ALREADY_INVALID';

/** The errors with which servers say that there is nothing to revoke any more. RFC 7009 §2.2 wants 200 instead. */
const ALREADY_INVALID: ReadonlySet<string> = new Set([
  'invalid_token',
  'invalid_grant',
  'token_expired',
  'token_revoked',
  'expired_token',
]);

export interface RevocationRequest {
  revocationEndpoint: string;
  client: OAuthClient;
  token: string;
  tokenTypeHint: TokenTypeHint;
}

/** @throws UserError when the client cannot authenticate @see RFC 7009 §2.1 */
export function revocationRequest(request: RevocationRequest): FormRequest {
  const { client, revocationEndpoint, token, tokenTypeHint } = request;
  return formRequest(
    revocationEndpoint,
    [
      ['token', token],
      ['token_type_hint', tokenTypeHint],
    ],
    client,
  );
}

/**
 * @throws ProviderFailure for every other answer, `unsupported_token_type` and 503 among them; a 2xx that names an
 *   error is no success
 * @see RFC 7009 §2.2
 */
export function readRevocation(answer: StoredAnswer, context: AnswerContext): Revocation {
  const body = readAnswerBody(answer);
  const error = 'fields' in body ? reportedError(body.fields)?.error.toLowerCase() : undefined;
  if (isSuccess(answer) && error === undefined) return 'REVOKED';
  if (error !== undefined && ALREADY_INVALID.has(error) && answer.status < 500) return 'ALREADY_INVALID';
  throw answerFailure(answer, context);
}
