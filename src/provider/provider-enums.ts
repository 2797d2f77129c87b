/** Who answers: a server elsewhere, or the hub itself. */
export const PROVIDER_KINDS = ['EXTERNAL', 'HUB'] as const;
export type ProviderKind = (typeof PROVIDER_KINDS)[number];

/** How a token is obtained. `REFRESH_TOKEN` stands for the import of a refresh token that was obtained elsewhere. */
export const GRANT_TYPES = [
  'AUTHORIZATION_CODE',
  'CLIENT_CREDENTIALS',
  'PASSWORD',
  'OIDC_HYBRID',
  'JWT_BEARER',
  'DEVICE_CODE',
  'REFRESH_TOKEN',
] as const;
export type GrantType = (typeof GRANT_TYPES)[number];

/** @see RFC 7591 §2 and OpenID Connect Core 1.0 §9 */
export const TOKEN_ENDPOINT_AUTH_METHODS = [
  'CLIENT_SECRET_BASIC',
  'CLIENT_SECRET_POST',
  'CLIENT_SECRET_JWT',
  'PRIVATE_KEY_JWT',
  'NONE',
] as const;
export type TokenEndpointAuthMethod = (typeof TOKEN_ENDPOINT_AUTH_METHODS)[number];

/** What becomes of a refresh token when it is used; decides whether an exchange of unknown outcome may be repeated. */
export const ROTATIONS = ['NONE', 'ROTATING', 'ROTATING_GRACE', 'ROTATING_NO_REVOKE', 'OPTIONAL', 'UNKNOWN'] as const;
export type Rotation = (typeof ROTATIONS)[number];

/** What a revocation ends: the one token, or every token of the same consent. */
export const REVOCATION_SCOPES = ['TOKEN', 'GRANT', 'UNKNOWN'] as const;
export type RevocationScope = (typeof REVOCATION_SCOPES)[number];

/** What the number in `expires_in` counts. RFC 6749 §5.1 says seconds; some providers send milliseconds. */
export const EXPIRES_IN_UNITS = ['SECONDS', 'MILLISECONDS'] as const;
export type ExpiresInUnit = (typeof EXPIRES_IN_UNITS)[number];

/** What the `aud` of a client assertion names. @see RFC 7523 §3 */
export const ASSERTION_AUDIENCES = ['ISSUER', 'TOKEN_ENDPOINT'] as const;
export type AssertionAudience = (typeof ASSERTION_AUDIENCES)[number];
