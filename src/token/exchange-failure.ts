import { FORGIVING, MAX_UNKNOWN_OUTCOMES, REPEATABLE } from './repeat-rules.js';
import type { ReadableExchange } from './exchange.js';
import type { TokenError } from './token-error.js';
import { renewalRemedy } from './token-remedy.js';
import { afterRefusal, atOnceMs, backoffMs, nextRefreshAt, resetRetryAt, scheduledReset } from './token-schedule.js';
import { hasOwnCredential, NEVER } from './token-status.js';
import type { TokenEntity } from './token.entity.js';

interface Failed {
  exchange: Pick<ReadableExchange, 'kind' | 'spent' | 'provider'>;
  /** As it stood before. */
  token: TokenEntity;
  /** What the provider, or the way to it, said. */
  found: TokenError;
  /** Whether the provider may have acted on the request all the same. */
  isUnknown: boolean;
  now: Date;
}

/** What a failure changes in the token's row: the error, and when it is tried again. The credential stays. */
export function failureChanges(failed: Failed): { changes: Partial<TokenEntity>; tokenError: TokenError } {
  const { exchange, found, token } = failed;
  const isRenewal = exchange.kind === 'REFRESH' || exchange.kind === 'RESET';
  const unknownOutcomes = token.unknownOutcomes + (failed.isUnknown && exchange.spent !== null ? 1 : 0);
  const isLost = isResultLost(failed, unknownOutcomes);
  const known = isLost ? resultLost(token, found) : found;
  const isFinal = known.code === 'REAUTHORIZATION_REQUIRED' && exchange.kind === 'REFRESH';
  const next = isRenewal ? nextTry(failed, known, isFinal) : {};
  // From the second failure in a row readers wait as the background does, and do not try the credential to death.
  const waits = exchange.kind === 'REFRESH' && !known.permanent && token.failures > 0;
  const retryAt = waits ? (next.nextRefreshAt?.toISOString() ?? null) : known.retryAt;
  const tokenError = { ...known, retryAt };
  return {
    tokenError,
    changes: {
      connectionState: 'ERROR',
      lastError: tokenError,
      ...(isRenewal ? { ...next, unknownOutcomes } : {}),
      ...(isFinal ? deadCredential(failed) : {}),
    },
  };
}

/** What was spent without an answer is spent: the provider says so, or enough tries do. */
function isResultLost({ exchange, found }: Failed, unknownOutcomes: number): boolean {
  if (exchange.kind !== 'REFRESH' || exchange.spent === null || unknownOutcomes === 0) return false;
  if (found.code === 'REAUTHORIZATION_REQUIRED') return true;
  return unknownOutcomes > MAX_UNKNOWN_OUTCOMES && !FORGIVING.has(exchange.provider.rotation);
}

function resultLost({ grantType, name }: TokenEntity, found: TokenError): TokenError {
  const message = `The provider's answer to an earlier refresh of ${name} was lost on the way, and its refresh token is spent: ${renewalRemedy(grantType)}`;
  return {
    ...found,
    code: 'REAUTHORIZATION_REQUIRED',
    error: 'result_lost',
    description: message,
    message,
    permanent: true,
    retryAt: null,
  };
}

function nextTry(failed: Failed, tokenError: TokenError, isFinal: boolean): Partial<TokenEntity> {
  const { exchange, now, token } = failed;
  const failures = token.failures + 1;
  if (isFinal) return { failures, nextRefreshAt: NEVER };
  if (exchange.kind === 'RESET') return { failures, nextRefreshAt: afterFailedReset(failed, tokenError) };
  if (tokenError.permanent) return { failures, nextRefreshAt: afterRefusal(now) };
  const waitMs = isRepeatedAtOnce(failed) ? atOnceMs() : backoffMs(failures);
  return { failures, nextRefreshAt: waited(now, waitMs, tokenError) };
}

/** While the provider still takes the refresh token that it may have spent. What comes to nothing again must wait. */
function isRepeatedAtOnce({ exchange: { provider, spent }, isUnknown, token }: Failed): boolean {
  return isUnknown && token.failures === 0 && (spent === null || REPEATABLE.has(provider.rotation));
}

/** The credential lives on, and is refreshed as if no reset had been tried. */
function afterFailedReset({ exchange, now, token }: Failed, tokenError: TokenError): Date {
  const due = scheduledReset(token);
  const planned = nextRefreshAt(token, exchange.provider, now, 1, due && due <= now ? resetRetryAt(due, now) : due);
  const earliest = waited(now, backoffMs(1), tokenError);
  return planned > earliest ? planned : earliest;
}

function waited(now: Date, waitMs: number, { retryAt }: TokenError): Date {
  const toldMs = retryAt === null ? 0 : new Date(retryAt).getTime() - now.getTime();
  return new Date(now.getTime() + Math.max(waitMs, toldMs));
}

/** What was refused for good is not sent again: the grant itself stands in for a refresh token where there is one. */
function deadCredential({ exchange, now, token }: Failed): Partial<TokenEntity> {
  if (exchange.spent === null || !hasOwnCredential(token)) return { renewable: false };
  return { refreshToken: null, nextRefreshAt: now };
}
