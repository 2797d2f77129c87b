import { describe, expect, it } from '@jest/globals';
import { authorizationServerMetadataSchema } from '../../src/oauth/authorization-server-metadata.js';

const MINIMAL = { issuer: 'https://idp.example.com', token_endpoint: 'https://idp.example.com/token' };

describe('authorizationServerMetadataSchema', () => {
  it('puts the defaults of the RFC where a minimal document is silent', () => {
    expect(authorizationServerMetadataSchema.parse(MINIMAL)).toEqual({
      issuer: 'https://idp.example.com',
      tokenEndpoint: 'https://idp.example.com/token',
      scopesSupported: [],
      grantTypesSupported: ['authorization_code', 'implicit'],
      tokenEndpointAuthMethodsSupported: ['client_secret_basic'],
      codeChallengeMethodsSupported: [],
      authorizationResponseIssParameterSupported: false,
    });
  });

  it('reads every field it knows and ignores the others', () => {
    const document = {
      ...MINIMAL,
      authorization_endpoint: 'https://idp.example.com/authorize?tenant=1',
      revocation_endpoint: 'https://idp.example.com/revoke',
      introspection_endpoint: 'https://idp.example.com/introspect',
      userinfo_endpoint: 'https://idp.example.com/userinfo',
      device_authorization_endpoint: 'https://idp.example.com/device',
      pushed_authorization_request_endpoint: 'https://idp.example.com/par',
      jwks_uri: 'https://idp.example.com/jwks',
      scopes_supported: ['openid', 'offline_access'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      claims_supported: 5,
      __proto__: { polluted: true },
    };
    expect(authorizationServerMetadataSchema.parse(document)).toEqual({
      issuer: 'https://idp.example.com',
      authorizationEndpoint: 'https://idp.example.com/authorize?tenant=1',
      tokenEndpoint: 'https://idp.example.com/token',
      revocationEndpoint: 'https://idp.example.com/revoke',
      introspectionEndpoint: 'https://idp.example.com/introspect',
      userinfoEndpoint: 'https://idp.example.com/userinfo',
      deviceAuthorizationEndpoint: 'https://idp.example.com/device',
      pushedAuthorizationRequestEndpoint: 'https://idp.example.com/par',
      jwksUri: 'https://idp.example.com/jwks',
      scopesSupported: ['openid', 'offline_access'],
      grantTypesSupported: ['authorization_code', 'refresh_token'],
      tokenEndpointAuthMethodsSupported: ['private_key_jwt'],
      codeChallengeMethodsSupported: ['S256'],
      authorizationResponseIssParameterSupported: true,
    });
  });

  it.each([null, '', undefined])('takes %p for an endpoint that there is not', (absent) => {
    const metadata = authorizationServerMetadataSchema.parse({ ...MINIMAL, revocation_endpoint: absent });
    expect(metadata.revocationEndpoint).toBeUndefined();
  });

  it('takes null for a list or a flag that is left out', () => {
    const metadata = authorizationServerMetadataSchema.parse({
      ...MINIMAL,
      grant_types_supported: null,
      authorization_response_iss_parameter_supported: null,
    });
    expect(metadata.grantTypesSupported).toEqual(['authorization_code', 'implicit']);
    expect(metadata.authorizationResponseIssParameterSupported).toBe(false);
  });

  it.each([
    ['issuer', { issuer: 5 }],
    ['token_endpoint', { token_endpoint: undefined }],
    ['token_endpoint', { token_endpoint: '' }],
    ['token_endpoint', { token_endpoint: ['https://idp.example.com/token'] }],
    ['jwks_uri', { jwks_uri: { keys: [] } }],
    ['scopes_supported', { scopes_supported: 'openid profile' }],
    ['grant_types_supported.1', { grant_types_supported: ['authorization_code', 7] }],
    ['authorization_response_iss_parameter_supported', { authorization_response_iss_parameter_supported: 'true' }],
  ])('names %s when it is of a wrong type: %j', (field, wrong) => {
    const outcome = authorizationServerMetadataSchema.safeParse({ ...MINIMAL, ...wrong });
    expect(outcome.error?.issues.map(({ path }) => path.join('.'))).toEqual([field]);
  });
});
