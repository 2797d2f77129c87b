import { z } from 'zod';

/**
 * What an authorization server says of itself, in the hub's words; a list that the document leaves out has the default
 * of the RFC.
 *
 * @see RFC 8414 §2, OpenID Connect Discovery 1.0 §3, RFC 9207 §3, RFC 9126 §5, RFC 8628 §4
 */
export interface AuthorizationServerMetadata {
  /** As the document spells it: later answers repeat this exact string. */
  issuer: string;
  authorizationEndpoint?: string | undefined;
  tokenEndpoint: string;
  revocationEndpoint?: string | undefined;
  introspectionEndpoint?: string | undefined;
  userinfoEndpoint?: string | undefined;
  deviceAuthorizationEndpoint?: string | undefined;
  pushedAuthorizationRequestEndpoint?: string | undefined;
  jwksUri?: string | undefined;
  /** Empty when the server keeps them to itself. */
  scopesSupported: readonly string[];
  grantTypesSupported: readonly string[];
  tokenEndpointAuthMethodsSupported: readonly string[];
  /** Empty means no PKCE. */
  codeChallengeMethodsSupported: readonly string[];
  authorizationResponseIssParameterSupported: boolean;
}

/** The URLs of a document by their wire names. */
export const ENDPOINT_FIELDS = {
  authorization_endpoint: 'authorizationEndpoint',
  token_endpoint: 'tokenEndpoint',
  revocation_endpoint: 'revocationEndpoint',
  introspection_endpoint: 'introspectionEndpoint',
  userinfo_endpoint: 'userinfoEndpoint',
  device_authorization_endpoint: 'deviceAuthorizationEndpoint',
  pushed_authorization_request_endpoint: 'pushedAuthorizationRequestEndpoint',
  jwks_uri: 'jwksUri',
} as const satisfies Record<string, keyof AuthorizationServerMetadata>;

// Servers write null or "" for what they do not have.
const endpoint = z
  .string()
  .nullish()
  .transform((url) => url || undefined);

const names = (otherwise: readonly string[]) =>
  z
    .array(z.string())
    .nullish()
    .transform((given): readonly string[] => given ?? otherwise);

/** Reads a metadata document; fields it does not know are ignored. */
export const authorizationServerMetadataSchema = z
  .object({
    issuer: z.string(),
    authorization_endpoint: endpoint,
    token_endpoint: z.string().min(1, 'Invalid input: expected a URL, received an empty string'),
    revocation_endpoint: endpoint,
    introspection_endpoint: endpoint,
    userinfo_endpoint: endpoint,
    device_authorization_endpoint: endpoint,
    pushed_authorization_request_endpoint: endpoint,
    jwks_uri: endpoint,
    scopes_supported: names([]),
    grant_types_supported: names(['authorization_code', 'implicit']),
    token_endpoint_auth_methods_supported: names(['client_secret_basic']),
    code_challenge_methods_supported: names([]),
    authorization_response_iss_parameter_supported: z.boolean().nullish(),
  })
  .transform((wire): AuthorizationServerMetadata => ({
    issuer: wire.issuer,
    authorizationEndpoint: wire.authorization_endpoint,
    tokenEndpoint: wire.token_endpoint,
    revocationEndpoint: wire.revocation_endpoint,
    introspectionEndpoint: wire.introspection_endpoint,
    userinfoEndpoint: wire.userinfo_endpoint,
    deviceAuthorizationEndpoint: wire.device_authorization_endpoint,
    pushedAuthorizationRequestEndpoint: wire.pushed_authorization_request_endpoint,
    jwksUri: wire.jwks_uri,
    scopesSupported: wire.scopes_supported,
    grantTypesSupported: wire.grant_types_supported,
    tokenEndpointAuthMethodsSupported: wire.token_endpoint_auth_methods_supported,
    codeChallengeMethodsSupported: wire.code_challenge_methods_supported,
    authorizationResponseIssParameterSupported: wire.authorization_response_iss_parameter_supported ?? false,
  }));
