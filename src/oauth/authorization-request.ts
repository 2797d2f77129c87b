import { UserError } from '../errors.js';
import type { Parameter } from '../provider/parameter.js';
import type { ProviderSettings } from '../provider/provider-settings.js';
import { type AuthorizationBinding, codeChallenge } from './authorization-binding.js';
import { extraParameters } from './extra-parameters.js';
import type { FormField } from './form-request.js';

export interface AuthorizationRequest {
  provider: Pick<ProviderSettings, 'authorizationEndpoint' | 'scopeSeparator'>;
  clientId: string;
  redirectUri: string;
  binding: AuthorizationBinding;
  scopes?: readonly string[];
  resource?: readonly string[];
  /** Left to the provider unless given. @see OAuth 2.0 Form Post Response Mode */
  responseMode?: 'query' | 'form_post';
  /** Those of the provider first, those of the token after them: of one name the last counts. */
  authorizationParameters?: readonly Parameter[];
}

/**
 * Where to send the browser for consent to a code. A query that the endpoint has is kept as it is spelled, except
 * parameters that this request sets.
 *
 * @throws UserError `REQUIRED` when the provider has no authorization endpoint
 * @see RFC 6749 §3.1 and §4.1.1, RFC 7636 §4.3, RFC 8707 §2.1, OpenID Connect Core 1.0 §3.1.2.1
 */
export function authorizationUrl(request: AuthorizationRequest): string {
  const parameters = authorizationParameters(request);
  const [base = '', query = ''] = split(authorizationEndpoint(request));
  const names = new Set(parameters.map(([name]) => name));
  const kept = query.split('&').filter((pair) => pair !== '' && !names.has(nameOf(pair)));
  return `${base}?${[...kept, ...parameters.map(encoded)].join('&')}`;
}

function authorizationParameters(request: AuthorizationRequest): FormField[] {
  const { binding, provider, responseMode, scopes = [], resource = [] } = request;
  return [
    ['response_type', 'code'],
    ...optional('response_mode', responseMode),
    ['client_id', request.clientId],
    ['redirect_uri', request.redirectUri],
    ...optional('scope', scopes.length > 0 ? scopes.join(provider.scopeSeparator) : undefined),
    ['state', binding.state],
    ...optional('nonce', binding.nonce),
    ...(binding.codeVerifier === null
      ? []
      : ([
          ['code_challenge', codeChallenge(binding.codeVerifier)],
          ['code_challenge_method', 'S256'],
        ] as const)),
    ...resource.map((each) => ['resource', each] as const),
    ...extraParameters('authorizationParameters', request.authorizationParameters),
  ];
}

function optional(name: string, value: string | null | undefined): FormField[] {
  return value === null || value === undefined ? [] : [[name, value]];
}

function authorizationEndpoint({ provider }: AuthorizationRequest): string {
  if (provider.authorizationEndpoint !== null) return provider.authorizationEndpoint;
  throw new UserError({
    code: 'REQUIRED',
    field: ['authorizationEndpoint'],
    message: 'The provider has no authorization endpoint: set its authorizationEndpoint.',
  });
}

function split(url: string): string[] {
  const start = url.indexOf('?');
  return start === -1 ? [url] : [url.slice(0, start), url.slice(start + 1)];
}

function nameOf(pair: string): string {
  const [name = ''] = new URLSearchParams(pair).keys();
  return name;
}

/** A blank as %20: some authorization endpoints do not read + as one. */
function encoded([name, value]: FormField): string {
  return new URLSearchParams([[name, value]]).toString().replaceAll('+', '%20');
}
