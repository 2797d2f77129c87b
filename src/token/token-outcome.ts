import type { StartedAuthorization } from '../authorization/authorization-start.service.js';
import type { UserProblem } from '../errors.js';
import type { Warning } from '../warning.js';
import { ExchangeFailedError } from './exchange-failed.error.js';
import type { TokenError } from './token-error.js';
import type { TokenEntity } from './token.entity.js';

/** A problem of a payload, with what the provider said where it said something. */
export type TokenProblem = UserProblem & { providerError?: TokenError };

/** What a mutation about one token answers: a failure leaves the token, with its error. */
export interface TokenOutcome {
  token: TokenEntity | null;
  authorization?: StartedAuthorization;
  /** Of a token that the hub has issued in this very call. */
  accessToken?: string;
  warnings: Warning[];
  userErrors: TokenProblem[];
}

export function problemOf(error: ExchangeFailedError): TokenProblem {
  const { code, message, tokenError } = error;
  return { code, message, providerError: tokenError };
}

/** A refresh that failed is an answer too: the token as it stands, and why. */
export async function refreshAnswer(
  refresh: Promise<TokenEntity>,
  find: (id: string) => Promise<TokenEntity>,
): Promise<TokenOutcome> {
  try {
    return { token: await refresh, warnings: [], userErrors: [] };
  } catch (error) {
    if (!(error instanceof ExchangeFailedError)) throw error;
    return { token: await find(error.tokenId), warnings: [], userErrors: [problemOf(error)] };
  }
}
