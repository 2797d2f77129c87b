import type { EgressRequest } from '../connector/egress-request.js';
import { type Account, accountDetails } from './account.js';
import { readAnswerBody } from './answer-body.js';
import { type AnswerContext, answerFailure, isSuccess } from './answer-failure.js';
import { decodeJwt } from './jwt.js';
import type { StoredAnswer } from './stored-answer.js';

/** @see OpenID Connect Core 1.0 §5.3.1, RFC 6750 §2.1 */
export function userinfoRequest(userinfoEndpoint: string, accessToken: string): EgressRequest {
  return {
    url: userinfoEndpoint,
    method: 'GET',
    headers: { accept: 'application/json', authorization: `Bearer ${accessToken}` },
  };
}

/**
 * Reads whose token it is, leniently: the id as `sub`, `id`, `user_id` or `account_id`, text or number. A signed answer
 * is read without a check of its signature, as it came straight from the endpoint.
 *
 * @throws ProviderFailure for everything that names no account
 * @see OpenID Connect Core 1.0 §5.3.2
 */
export function readUserinfo(answer: StoredAnswer, context: AnswerContext): Account {
  const body = readAnswerBody(answer);
  const fields = 'fields' in body ? body.fields : decodeJwt(answer.body.trim())?.claims;
  const { subject, ...details } = isSuccess(answer) && fields ? accountDetails(fields) : {};
  if (subject === undefined) throw answerFailure(answer, context, false);
  return { subject, ...details };
}
