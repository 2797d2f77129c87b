/** Areas of the hub's own API that a token reaches. */
export const API_SCOPES = ['hub:read', 'hub:manage', 'hub:secrets', 'hub:call', 'hub:audit'] as const;

/** @see OpenID Connect Core §3.1.2.1, §5.4, §11 */
export const OPENID_SCOPES = ['openid', 'profile', 'email', 'offline_access'] as const;
