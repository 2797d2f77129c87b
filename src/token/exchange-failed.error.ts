import { HubError, type UserErrorCode } from '../errors.js';
import type { ProviderFailure } from '../oauth/provider-failure.js';
import type { TokenAnswer } from '../oauth/token-response.js';
import type { GrantType } from '../provider/provider-enums.js';
import type { TokenError } from './token-error.js';
import { renewalRemedy } from './token-remedy.js';

/** An exchange failed, and its token carries the error now. */
export class ExchangeFailedError extends HubError {
  readonly code: UserErrorCode;

  constructor(
    readonly tokenId: string,
    readonly tokenError: TokenError,
    options?: { cause?: unknown },
  ) {
    super(tokenError.message, options);
    this.code = tokenError.code;
  }
}

/** The provider meant the answer well, and the hub must not keep what it gives. */
export class AnswerRefusedError extends ExchangeFailedError {
  constructor(
    tokenId: string,
    tokenError: TokenError,
    readonly answer: TokenAnswer,
  ) {
    super(tokenId, tokenError);
  }
}

/** What is stored of a failure at the provider; what to do next depends on how the token is obtained. */
export function tokenErrorOf(failure: ProviderFailure, occurredAt: Date, grantType: GrantType): TokenError {
  const { code, description, error, happened, httpStatus, permanent, retryAfterMs, uri } = failure;
  const [first = '', ...rest] = renewalRemedy(grantType);
  const isDead = code === 'REAUTHORIZATION_REQUIRED';
  const isDown = code === 'PROVIDER_UNREACHABLE' && !permanent;
  const isUnsent = isDown && httpStatus === undefined && !failure.outcomeUnknown;
  const message = isDead ? `${happened} ${first.toUpperCase()}${rest.join('')}` : failure.message;
  return {
    code,
    message,
    error,
    description: description ?? null,
    uri: uri ?? null,
    httpStatus: httpStatus ?? null,
    permanent,
    ...(failure.clientLevel ? { clientLevel: true } : {}),
    ...(isUnsent ? { unsent: true } : {}),
    retryAt: retryAfterMs === undefined ? null : new Date(occurredAt.getTime() + retryAfterMs).toISOString(),
    occurredAt: occurredAt.toISOString(),
  };
}

/** A refusal by the hub itself, of an answer or of a person's choice. */
export function hubTokenError(code: UserErrorCode, error: string, message: string, occurredAt: Date): TokenError {
  return {
    code,
    message,
    error,
    description: message,
    uri: null,
    httpStatus: null,
    permanent: true,
    retryAt: null,
    occurredAt: occurredAt.toISOString(),
  };
}
