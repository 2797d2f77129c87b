import { readAnswerBody } from './answer-body.js';
import { type AnswerContext, answerFailure, isSuccess } from './answer-failure.js';
import type { OAuthClient } from './client-authentication.js';
import { MAX_LIFETIME_SECONDS, secondsUntil } from './expires-in.js';
import { formRequest, type FormRequest } from './form-request.js';
import type { StoredAnswer } from './stored-answer.js';
import type { TokenTypeHint } from './revocation.js';

/** What the provider says of a token that it issued. */
export interface Introspection {
  active: boolean;
  /** Whole seconds from the instant given, at most ten years; null when the provider does not say. */
  expiresInSeconds: number | null;
}

export interface IntrospectionRequest {
  introspectionEndpoint: string;
  client: OAuthClient;
  token: string;
  tokenTypeHint: TokenTypeHint;
}

/** @throws UserError when the client cannot authenticate @see RFC 7662 §2.1 */
export function introspectionRequest(request: IntrospectionRequest): FormRequest {
  const { client, introspectionEndpoint, token, tokenTypeHint } = request;
  return formRequest(
    introspectionEndpoint,
    [
      ['token', token],
      ['token_type_hint', tokenTypeHint],
    ],
    client,
  );
}

/**
 * @param countedFrom the instant from which the lifetime counts: when the token was asked for
 * @throws ProviderFailure for every answer without `active`
 * @see RFC 7662 §2.2
 */
export function readIntrospection(answer: StoredAnswer, context: AnswerContext & { countedFrom: Date }): Introspection {
  const body = readAnswerBody(answer);
  if (!isSuccess(answer) || !('fields' in body) || typeof body.fields.active !== 'boolean') {
    throw answerFailure(answer, context);
  }
  const { active, exp } = body.fields;
  const seconds = typeof exp === 'number' ? secondsUntil(exp * 1000, context.countedFrom) : 0;
  return { active, expiresInSeconds: seconds > 0 ? Math.min(seconds, MAX_LIFETIME_SECONDS) : null };
}
