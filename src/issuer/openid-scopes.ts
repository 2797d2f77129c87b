/** @see OpenID Connect Core §3.1.2.1, §5.4, §11 */
export const OPENID_SCOPES = ['openid', 'profile', 'email', 'offline_access'] as const;
