import { createHash, timingSafeEqual } from 'node:crypto';
import { ProviderFailure, type ProviderFailureFacts } from './provider-failure.js';

export interface AuthorizationExpectation {
  /** The state of the request. */
  state: string;
  /**
   * The provider's issuer, exactly; null when it is not known: then `iss` is not compared. It need not be there: as each
   * provider has a redirect URI of its own, the address says who answers (RFC 9700 §4.4.2.2).
   */
  issuer: string | null;
}

const READ = ['state', 'code', 'iss', 'error', 'error_description', 'error_uri'] as const;
type ResponseParameters = Partial<Record<(typeof READ)[number], string>>;

/**
 * The state alone, to find the request that the answer belongs to.
 *
 * @returns undefined when there is none, or more than one
 */
export function authorizationState(parameters: URLSearchParams): string | undefined {
  const [state, ...more] = parameters.getAll('state');
  return more.length > 0 ? undefined : state || undefined;
}

/**
 * Reads what the provider sent with the browser, in the query or in a posted form, in this order: no parameter twice,
 * the state, the issuer, the error, the code. Parameters without a value count as absent, unknown ones are ignored.
 *
 * @returns the code
 * @throws ProviderFailure `PROVIDER_REJECTED` (`access_denied` when consent was denied), `PROVIDER_UNREACHABLE` for an
 *   error that passes, `PROVIDER_INVALID_RESPONSE` for an answer that must not be used
 * @see RFC 6749 §4.1.2, RFC 9207 §2.4
 */
export function readAuthorizationResponse(parameters: URLSearchParams, expected: AuthorizationExpectation): string {
  const { state, code, iss, ...reported } = onceEach(parameters);
  if (state === undefined || !isEqual(state, expected.state)) {
    throw refused('state_mismatch', 'The answer does not belong to the request: its state is another one.');
  }
  if (iss !== undefined && expected.issuer !== null && iss !== expected.issuer) {
    throw refused('issuer_mismatch', 'The answer names another issuer (iss) than that of the provider.');
  }
  const secrets = [state, ...(code === undefined ? [] : [code])];
  if (reported.error !== undefined) throw reportedFailure(reported.error, reported, secrets);
  if (code === undefined) throw refused('code_missing', 'The answer has neither a code nor an error.');
  return code;
}

function onceEach(parameters: URLSearchParams): ResponseParameters {
  const repeated = READ.find((name) => parameters.getAll(name).length > 1);
  if (repeated !== undefined) throw refused('duplicate_parameter', `The answer has the parameter ${repeated} twice.`);
  return Object.fromEntries(READ.map((name) => [name, parameters.get(name) || undefined]));
}

/** In time that does not depend on the values. */
function isEqual(left: string, right: string): boolean {
  const [one, other] = [left, right].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}

function reportedFailure(
  error: string,
  { error_description, error_uri }: ResponseParameters,
  secrets: readonly string[],
): ProviderFailure {
  const facts = { error, description: error_description, uri: error_uri };
  const remedy = error === 'access_denied' ? 'Start the authorization again and give consent.' : undefined;
  return new ProviderFailure({ ...facts, ...judge(error), ...(remedy && { remedy }) }, { secrets });
}

/** @see RFC 6749 §4.1.2.1 */
function judge(error: string): Pick<ProviderFailureFacts, 'code' | 'permanent' | 'clientLevel'> {
  const isTransient = error === 'server_error' || error === 'temporarily_unavailable';
  if (isTransient) return { code: 'PROVIDER_UNREACHABLE', permanent: false };
  return { code: 'PROVIDER_REJECTED', permanent: true, clientLevel: error === 'unauthorized_client' };
}

function refused(error: string, description: string): ProviderFailure {
  const remedy = 'Start the authorization again.';
  return new ProviderFailure({ code: 'PROVIDER_INVALID_RESPONSE', error, description, permanent: true, remedy });
}
