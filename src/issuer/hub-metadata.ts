import { ASSERTION_ALGORITHMS } from '../client/assertion-algorithms.js';
import { HUB_SCOPES } from '../hub-scope.js';
import { SIGNING_ALGORITHM } from '../signing-key/signing-key-material.js';
import { hubEndpoints } from './hub-provider.js';
import { OPENID_SCOPES } from './openid-scopes.js';
import { CLAIMS_SUPPORTED } from './user-claims.js';

const CONFIDENTIAL_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];
const AUTH_METHODS = [...CONFIDENTIAL_METHODS, 'none'];

/** The API of the hub as a resource. @see RFC 8707 §2 */
export function hubResource(publicUrl: string): string {
  return `${publicUrl}/graphql`;
}

/** Where the API tells a client who gives tokens for it. @see RFC 9728 §3.1 */
export function hubResourceMetadata(publicUrl: string): string {
  return `${publicUrl}/.well-known/oauth-protected-resource/graphql`;
}

/** What the hub can do as an authorization server. @see RFC 8414 §2, RFC 9207 §3 */
export function authorizationServerMetadata(publicUrl: string) {
  const endpoints = hubEndpoints(publicUrl);
  return {
    issuer: endpoints.issuer,
    authorization_endpoint: endpoints.authorizationEndpoint,
    token_endpoint: endpoints.tokenEndpoint,
    jwks_uri: `${publicUrl}/oauth/jwks`,
    scopes_supported: [...HUB_SCOPES, ...OPENID_SCOPES],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
    token_endpoint_auth_methods_supported: AUTH_METHODS,
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    revocation_endpoint: endpoints.revocationEndpoint,
    revocation_endpoint_auth_methods_supported: AUTH_METHODS,
    revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    introspection_endpoint: endpoints.introspectionEndpoint,
    // Whoever may ask about tokens of others has proved who it is.
    introspection_endpoint_auth_methods_supported: CONFIDENTIAL_METHODS,
    introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    introspection_signing_alg_values_supported: [SIGNING_ALGORITHM],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  };
}

/** The same, and what OpenID Connect adds. @see OpenID Connect Discovery §3 */
export function openIdConfiguration(publicUrl: string) {
  return {
    ...authorizationServerMetadata(publicUrl),
    userinfo_endpoint: hubEndpoints(publicUrl).userinfoEndpoint,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [SIGNING_ALGORITHM],
    claims_supported: CLAIMS_SUPPORTED,
    claims_parameter_supported: false,
    request_parameter_supported: false,
    // Said, because it counts as supported where it is not.
    request_uri_parameter_supported: false,
  };
}

/**
 * Who gives tokens for the API of the hub, and how they are presented.
 *
 * @param resource the API, or the hub as a whole: whoever asks compares it with what he asked about (§3.3)
 * @see RFC 9728 §2
 */
export function protectedResourceMetadata(publicUrl: string, resource: string) {
  return {
    resource,
    authorization_servers: [publicUrl],
    scopes_supported: [...HUB_SCOPES],
    bearer_methods_supported: ['header'],
    resource_name: 'Integration Hub',
  };
}
