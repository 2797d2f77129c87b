import type { Minted } from '../issued-value/issued-value-minter.js';

/** What the token endpoint gives. @see RFC 6749 §5.1, OpenID Connect Core §3.1.3.3 */
export interface TokenAnswer {
  access_token: string;
  token_type: 'Bearer';
  /** Seconds. */
  expires_in: number;
  /** Left out where there is none: an empty one is no scope. @see RFC 6749 §3.3 */
  scope?: string;
  refresh_token?: string;
  id_token?: string;
}

/** @param scopes those of the access token */
export function tokenAnswer(minted: Minted, expiresAt: Date, scopes: readonly string[], now: Date): TokenAnswer {
  const { accessToken, refreshToken } = minted;
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: Math.max(0, Math.round((expiresAt.getTime() - now.getTime()) / 1000)),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
  };
}
