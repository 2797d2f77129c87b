/** @see OpenID Connect Core §3.1.2.1, §5.4, §11 */
export const OPENID_SCOPES = ['openid', 'profile', 'email', 'offline_access'] as const;

/** Without those about a person who has logged in: they mean nothing where a client acts by itself. */
export function withoutPerson(scopes: readonly string[]): readonly string[] {
  return scopes.filter((scope) => !OPENID_SCOPES.some((each) => each === scope));
}
