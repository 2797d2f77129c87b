/** What the hub keeps of the access tokens it issues to a client: what recognises them, or what can show them again. */
export const TOKEN_STORAGES = ['HASHED', 'RECOVERABLE'] as const;
export type TokenStorage = (typeof TOKEN_STORAGES)[number];

/** What access tokens of the token endpoint are: random values, or JWTs that others can check offline (RFC 9068). */
export const ACCESS_TOKEN_FORMATS = ['OPAQUE', 'JWT'] as const;
export type AccessTokenFormat = (typeof ACCESS_TOKEN_FORMATS)[number];
