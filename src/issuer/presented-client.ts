import { decodeJwt } from '../oauth/jwt.js';
import { formDecoded } from './form-parameters.js';
import { OAuthError } from './oauth-error.js';

/** What a request carries to tell and prove whose it is. */
export interface ClientRequest {
  /** The header. */
  readonly authorization: string | undefined;
  /** Of the body. */
  readonly parameters: URLSearchParams;
}

/** Who a request says that it comes from, and what it proves that with. */
export type PresentedClient =
  | { readonly by: 'SECRET'; readonly clientId: string; readonly secret: string }
  | { readonly by: 'ASSERTION'; readonly clientId: string; readonly assertion: string }
  | { readonly by: 'NOTHING'; readonly clientId: string };

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const BASIC = /^basic +([a-z\d+/]+=*) *$/i;

/**
 * @throws OAuthError invalid_request for two methods at once, or two client ids; invalid_client for none
 * @see RFC 6749 §2.3 and §3.2.1, RFC 7521 §4.2
 */
export function presentedClient(request: ClientRequest): PresentedClient {
  const { authorization, parameters } = request;
  const methods = [
    authorization !== undefined,
    parameters.has('client_secret'),
    parameters.has('client_assertion') || parameters.has('client_assertion_type'),
  ];
  if (methods.filter(Boolean).length > 1)
    throw new OAuthError('invalid_request', 'The client proves itself in two ways: use the one it is registered with.');
  const presented = byItsMethod(request);
  const named = parameters.get('client_id');
  if (named !== null && named !== presented.clientId)
    throw new OAuthError('invalid_request', 'The client_id is not that of the client that proves itself: correct it.');
  return presented;
}

function byItsMethod({ authorization, parameters }: ClientRequest): PresentedClient {
  if (authorization !== undefined) return fromHeader(authorization);
  if (parameters.has('client_assertion') || parameters.has('client_assertion_type')) return fromAssertion(parameters);
  const clientId = parameters.get('client_id');
  if (clientId === null)
    throw new OAuthError('invalid_client', 'The client does not say who it is: send client_id, or authenticate.');
  const secret = parameters.get('client_secret');
  return secret === null ? { by: 'NOTHING', clientId } : { by: 'SECRET', clientId, secret };
}

function fromHeader(authorization: string): PresentedClient {
  const [, encoded] = BASIC.exec(authorization) ?? [];
  const credentials = Buffer.from(encoded ?? '', 'base64').toString();
  const separator = credentials.indexOf(':');
  if (separator === -1)
    throw new OAuthError('invalid_client', 'The Authorization header must be Basic, with client id and secret.');
  const clientId = formDecoded(credentials.slice(0, separator));
  return { by: 'SECRET', clientId, secret: formDecoded(credentials.slice(separator + 1)) };
}

function fromAssertion(parameters: URLSearchParams): PresentedClient {
  const assertion = parameters.get('client_assertion');
  if (assertion === null || parameters.get('client_assertion_type') !== ASSERTION_TYPE)
    throw new OAuthError('invalid_request', `The client_assertion needs client_assertion_type ${ASSERTION_TYPE}.`);
  const subject = decodeJwt(assertion)?.claims['sub'];
  if (typeof subject !== 'string')
    throw new OAuthError('invalid_client', 'The client_assertion is no signed JWT with the client id as its sub.');
  return { by: 'ASSERTION', clientId: subject, assertion };
}
