import { isCodeChallenge } from '../authorization-code/code-verifier.js';
import type { ClientEntity } from '../client/client.entity.js';
import { OAuthError } from './oauth-error.js';
import { askedResource } from './resource-rules.js';
import { askedScopes } from './scope-rules.js';

const PROMPTS = ['none', 'login', 'consent', 'select_account'] as const;
type Prompt = (typeof PROMPTS)[number];

/** What it is stored in. */
const MOST_NONCE_CHARACTERS = 255;

/** What a client asks a person for. */
export interface AskedAuthorization {
  readonly scopes: readonly string[];
  readonly resource: readonly string[];
  readonly codeChallenge: string;
  readonly nonce: string | null;
  readonly prompts: readonly Prompt[];
  /** A login before that counts no more; null: every one counts. */
  readonly maxAgeSeconds: number | null;
  readonly loginHint: string | null;
  /** An ID token of whom the client expects; as sent. */
  readonly idTokenHint: string | null;
}

/**
 * Reads what is left of the request once client and redirect URI are known to be right.
 *
 * @throws OAuthError as the client is to be told
 * @see RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707 §2.1, OpenID Connect Core §3.1.2.1
 */
export function readAuthorizationRequest(parameters: URLSearchParams, client: ClientEntity): AskedAuthorization {
  refuseDuplicates(parameters);
  refuseUnsupported(parameters);
  if (!client.grantTypes.includes('AUTHORIZATION_CODE')) {
    throw new OAuthError('unauthorized_client', 'This client is not registered for the authorization code grant.');
  }
  return {
    codeChallenge: readCodeChallenge(parameters),
    scopes: askedScopes(client, valueOf(parameters, 'scope')),
    resource: askedResource(parameters),
    nonce: readNonce(parameters),
    prompts: readPrompts(parameters),
    maxAgeSeconds: readMaxAge(parameters),
    loginHint: valueOf(parameters, 'login_hint'),
    idTokenHint: valueOf(parameters, 'id_token_hint'),
  };
}

/** One without a value counts as left out. @see RFC 6749 §3.1 */
export function valueOf(parameters: URLSearchParams, name: string): string | null {
  return parameters.get(name) || null;
}

/** @see RFC 6749 §3.1, RFC 8707 §2 */
function refuseDuplicates(parameters: URLSearchParams): void {
  for (const name of new Set(parameters.keys())) {
    if (name === 'resource' || parameters.getAll(name).length === 1) continue;
    throw invalid('A parameter stands more than once in the request.');
  }
}

function refuseUnsupported(parameters: URLSearchParams): void {
  if (parameters.has('request'))
    throw new OAuthError('request_not_supported', 'Request objects are not supported: send plain parameters.');
  if (parameters.has('request_uri'))
    throw new OAuthError('request_uri_not_supported', 'Request objects are not supported: send plain parameters.');
  const responseType = valueOf(parameters, 'response_type');
  if (responseType === null) throw invalid('The response_type is missing: it must be code.');
  if (responseType !== 'code')
    throw new OAuthError('unsupported_response_type', 'The response_type must be code, with PKCE.');
  if ((valueOf(parameters, 'response_mode') ?? 'query') !== 'query') throw invalid('The response_mode must be query.');
}

function readCodeChallenge(parameters: URLSearchParams): string {
  const challenge = valueOf(parameters, 'code_challenge');
  if (challenge === null) throw invalid('The code_challenge is missing: PKCE is required of every client.');
  if (valueOf(parameters, 'code_challenge_method') !== 'S256') throw invalid('The code_challenge_method must be S256.');
  if (!isCodeChallenge(challenge)) throw invalid('The code_challenge is no S256 of a code_verifier.');
  return challenge;
}

function readNonce(parameters: URLSearchParams): string | null {
  const nonce = valueOf(parameters, 'nonce');
  if (nonce !== null && nonce.length > MOST_NONCE_CHARACTERS)
    throw invalid(`The nonce is longer than ${MOST_NONCE_CHARACTERS} characters.`);
  return nonce;
}

function readPrompts(parameters: URLSearchParams): readonly Prompt[] {
  const asked = valueOf(parameters, 'prompt')?.split(' ') ?? [];
  const known = PROMPTS.filter((each) => asked.includes(each));
  if (!asked.every((each) => PROMPTS.some((prompt) => prompt === each)))
    throw invalid(`The prompt knows ${PROMPTS.join(', ')}.`);
  if (known.includes('none') && known.length > 1) throw invalid('The prompt none stands alone.');
  return known;
}

function readMaxAge(parameters: URLSearchParams): number | null {
  const maxAge = valueOf(parameters, 'max_age');
  if (maxAge === null) return null;
  if (!/^\d{1,9}$/.test(maxAge)) throw invalid('The max_age must be a number of seconds.');
  return Number(maxAge);
}

function invalid(message: string): OAuthError {
  return new OAuthError('invalid_request', message);
}
