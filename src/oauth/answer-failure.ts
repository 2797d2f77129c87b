import { type AnswerBody, readAnswerBody } from './answer-body.js';
import { mayHoldToken } from './hidden-token.js';
import { type ProviderFailureFacts, ProviderFailure } from './provider-failure.js';
import { singleLine } from './redaction.js';
import { descriptionOf, reportedError } from './reported-error.js';
import { retryAfterMs } from './retry-after.js';
import type { StoredAnswer } from './stored-answer.js';

export interface AnswerContext {
  /** When the answer came; a `Retry-After` date counts from then. */
  receivedAt: Date;
  /** Values that were sent, to be taken out of what the provider wrote. */
  secrets?: readonly string[];
}

/** The grant is dead: RFC 6749 §5.2, OpenID Connect Core 1.0 §3.1.2.6, and words in use at large providers. */
const GRANT_REFUSED: ReadonlySet<string> = new Set([
  'invalid_grant',
  'interaction_required',
  'login_required',
  'consent_required',
  'account_selection_required',
  'bad_refresh_token',
  'invalid_refresh_token',
  'bad_verification_code',
  'invalid_code',
  'invalid_token',
  'expired_token',
  'token_expired',
  'token_revoked',
]);

const CLIENT_REFUSED: ReadonlySet<string> = new Set([
  'invalid_client',
  'unauthorized_client',
  'invalid_client_id',
  'bad_client_secret',
  'incorrect_client_credentials',
  'deleted_client',
  'disabled_client',
]);

const TRANSIENT: ReadonlySet<string> = new Set([
  'temporarily_unavailable',
  'slow_down',
  'rate_limited',
  'ratelimited',
  'rate_limit_exceeded',
  'too_many_requests',
]);

/** The server failed while it worked on the request: it may have come far. */
const SERVER_FAILED: ReadonlySet<string> = new Set(['server_error', 'internal_error', 'internal_server_error']);

/** Timed out, too early, too many: refused before anything was done. */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

type Judgement = Pick<ProviderFailureFacts, 'code' | 'permanent' | 'clientLevel' | 'outcomeUnknown'>;

const REJECTED: Judgement = { code: 'PROVIDER_REJECTED', permanent: true };
const CLIENT_LEVEL: Judgement = { ...REJECTED, clientLevel: true };
const NOT_NOW: Judgement = { code: 'PROVIDER_UNREACHABLE', permanent: false };
const SERVER_FAULT: Judgement = { ...NOT_NOW, outcomeUnknown: true };

/**
 * What an answer means that is not the one asked for. A status of 5xx is transient and of unknown outcome whatever the
 * body says: a server that fails may repeat an error that is not its own. An answer of 2xx that cannot be read is of
 * unknown outcome too, and may hold what was asked for all the same.
 *
 * @param clientAuthenticated whether the request carried the credentials of the client, which a bare 401 then refuses
 * @see RFC 6749 §5.2, RFC 7009 §2.2.1
 */
export function answerFailure(
  answer: StoredAnswer,
  context: AnswerContext,
  clientAuthenticated = true,
): ProviderFailure {
  const body = readAnswerBody(answer);
  const reported = 'fields' in body ? reportedError(body.fields) : undefined;
  const judgement =
    reported && !isTransient(answer.status)
      ? judgeError(reported.error.toLowerCase(), clientAuthenticated)
      : judgeStatus(answer.status, body, clientAuthenticated);
  return new ProviderFailure(
    {
      ...judgement,
      ...(reported ?? { error: statusWord(answer), description: describe(answer, body) }),
      httpStatus: answer.status,
      mayHoldToken: reported === undefined && isSuccess(answer) && mayHoldToken(answer),
      retryAfterMs: retryAfterMs(answer.retryAfter, context.receivedAt),
    },
    context.secrets ? { secrets: context.secrets } : {},
  );
}

export function isSuccess({ status }: StoredAnswer): boolean {
  return status >= 200 && status <= 299;
}

function isTransient(status: number): boolean {
  return status >= 500 || TRANSIENT_STATUSES.has(status);
}

function judgeStatus(status: number, body: AnswerBody, clientAuthenticated: boolean): Judgement {
  if (status >= 500) return SERVER_FAULT;
  if (TRANSIENT_STATUSES.has(status)) return NOT_NOW;
  if (status === 401 && clientAuthenticated) return CLIENT_LEVEL;
  if (status >= 400) return REJECTED;
  const isWhole = 'fields' in body || !body.cutOff;
  return { code: 'PROVIDER_INVALID_RESPONSE', permanent: isWhole || status >= 300, outcomeUnknown: status < 300 };
}

function judgeError(error: string, clientAuthenticated: boolean): Judgement {
  if (SERVER_FAILED.has(error)) return SERVER_FAULT;
  if (TRANSIENT.has(error)) return NOT_NOW;
  if (!clientAuthenticated) return REJECTED;
  if (GRANT_REFUSED.has(error)) return { code: 'REAUTHORIZATION_REQUIRED', permanent: true };
  return CLIENT_REFUSED.has(error) ? CLIENT_LEVEL : REJECTED;
}

function statusWord(answer: StoredAnswer): string {
  return isSuccess(answer) ? 'invalid_response' : `http_${answer.status}`;
}

/** An answer without an error code: what it says in its own sentence if it is an error, else what it is. */
function describe(answer: StoredAnswer, body: AnswerBody): string {
  const { status, contentType } = answer;
  const said = 'fields' in body && !isSuccess(answer) ? descriptionOf(body.fields) : undefined;
  if (said !== undefined) return said;
  const problem = 'problem' in body ? body.problem : 'the fields that were asked for are not there';
  const redirect = status >= 300 && status <= 399 ? 'a redirect, which the hub does not follow; ' : '';
  const type = singleLine(contentType ?? 'no content type', 80);
  return `HTTP ${status}, ${type}, ${Buffer.byteLength(answer.body)} bytes: ${redirect}${problem}`;
}
