import type { Account } from '../oauth/account.js';
import type { TokenAnswer } from '../oauth/token-response.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import { AnswerRefusedError, hubTokenError } from './exchange-failed.error.js';
import type { ExchangeKind } from './token-enums.js';
import type { TokenEntity } from './token.entity.js';

interface Judged {
  kind: ExchangeKind;
  provider: ProviderEntity;
  answer: TokenAnswer;
  account: Account | null;
  allowOtherAccount: boolean;
  now: Date;
}

/**
 * Answers that the provider means well and the hub must not keep.
 *
 * @throws AnswerRefusedError REFRESH_TOKEN_NOT_RETURNED, ACCOUNT_MISMATCH
 */
export function refuseAnswer(judged: Judged, token: TokenEntity): void {
  const { account, answer, kind, now, provider } = judged;
  const refuse = (code: 'REFRESH_TOKEN_NOT_RETURNED' | 'ACCOUNT_MISMATCH', error: string, message: string): never => {
    throw new AnswerRefusedError(token.id, hubTokenError(code, error, message, now), answer);
  };
  if (provider.requireRefreshToken && kind === 'CODE' && !answer.refreshToken) {
    refuse(
      'REFRESH_TOKEN_NOT_RETURNED',
      'refresh_token_missing',
      `${provider.name} gave no refresh token. Remove this application's access in the account's settings there, then connect again.`,
    );
  }
  if (kind !== 'CODE' || token.accountSubject === null || judged.allowOtherAccount) return;
  if (account === null) {
    refuse(
      'ACCOUNT_MISMATCH',
      'account_unknown',
      `${provider.name} does not tell which account consented, and ${token.name} reads a certain one. Connect again, or start again and allow another account.`,
    );
  } else if (account.subject !== token.accountSubject) {
    refuse(
      'ACCOUNT_MISMATCH',
      'account_mismatch',
      `Another account consented than the one ${token.name} reads. Log in with that account, or start again and allow another account.`,
    );
  }
}
