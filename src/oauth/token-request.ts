import { UserError } from '../errors.js';
import type { Parameter } from '../provider/parameter.js';
import type { ProviderSettings } from '../provider/provider-settings.js';
import type { OAuthClient } from './client-authentication.js';
import { extraParameters } from './extra-parameters.js';
import { type FormField, formRequest, type FormRequest } from './form-request.js';

/** What is given to the provider for a token. */
export type TokenGrant =
  | { grantType: 'AUTHORIZATION_CODE'; code: string; redirectUri: string; codeVerifier: string | null }
  | { grantType: 'CLIENT_CREDENTIALS' }
  | { grantType: 'PASSWORD'; username: string; password: string }
  | { grantType: 'REFRESH_TOKEN'; refreshToken: string };

export interface TokenRequest {
  provider: Pick<ProviderSettings, 'tokenEndpoint' | 'refreshEndpoint' | 'scopeSeparator'>;
  client: OAuthClient;
  grant: TokenGrant;
  /** None unless given. Not sent with a code, whose scopes were settled by the authorization request. */
  scopes?: readonly string[];
  resource?: readonly string[];
  /** Those of the provider first, those of the token after them: of one name the last counts. */
  tokenParameters?: readonly Parameter[];
}

/**
 * The token request, ready to be sent. A refresh goes to the provider's `refreshEndpoint` where it has one.
 *
 * @throws UserError when the provider has no token endpoint or the client cannot authenticate
 * @see RFC 6749 §4.1.3, §4.3.2, §4.4.2 and §6, RFC 7636 §4.5, RFC 8707 §2.2
 */
export function tokenRequest(request: TokenRequest): FormRequest {
  const { grant, provider, scopes = [], resource = [] } = request;
  const sendsScopes = grant.grantType !== 'AUTHORIZATION_CODE' && scopes.length > 0;
  const fields: FormField[] = [
    ...grantFields(grant),
    ...(sendsScopes ? [['scope', scopes.join(provider.scopeSeparator)] as const] : []),
    ...resource.map((each) => ['resource', each] as const),
    ...extraParameters('tokenParameters', request.tokenParameters),
  ];
  return formRequest(endpoint(request), fields, request.client);
}

function grantFields(grant: TokenGrant): FormField[] {
  switch (grant.grantType) {
    case 'AUTHORIZATION_CODE':
      return [
        ['grant_type', 'authorization_code'],
        ['code', grant.code],
        ['redirect_uri', grant.redirectUri],
        ...(grant.codeVerifier === null ? [] : [['code_verifier', grant.codeVerifier] as const]),
      ];
    case 'CLIENT_CREDENTIALS':
      return [['grant_type', 'client_credentials']];
    case 'PASSWORD':
      return [
        ['grant_type', 'password'],
        ['username', grant.username],
        ['password', grant.password],
      ];
    case 'REFRESH_TOKEN':
      return [
        ['grant_type', 'refresh_token'],
        ['refresh_token', grant.refreshToken],
      ];
  }
}

function endpoint({ grant, provider }: TokenRequest): string {
  const url = (grant.grantType === 'REFRESH_TOKEN' ? provider.refreshEndpoint : null) ?? provider.tokenEndpoint;
  if (url !== null) return url;
  throw new UserError({
    code: 'REQUIRED',
    field: ['tokenEndpoint'],
    message: 'The provider has no token endpoint: set its tokenEndpoint.',
  });
}
