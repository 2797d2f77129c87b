import type { UserProblem } from '../errors.js';

/** An extra parameter of a request to a provider. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
}

/** What the hub itself sets in an authorization request. @see RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707 §2 */
const AUTHORIZATION_PROTOCOL = [
  'client_id',
  'client_secret',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'resource',
  'request',
  'request_uri',
];

/** What the hub itself sets in a token request. @see RFC 6749 §4 to §6, RFC 7521 §4.2, RFC 7636 §4.5 */
const TOKEN_PROTOCOL = [
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'assertion',
  'code',
  'code_verifier',
  'device_code',
  'redirect_uri',
  'refresh_token',
  'resource',
  'scope',
  'username',
  'password',
];

const PROTOCOL_PARAMETERS = { authorizationParameters: AUTHORIZATION_PROTOCOL, tokenParameters: TOKEN_PROTOCOL };
export type ParameterField = keyof typeof PROTOCOL_PARAMETERS;

/** Parameters that would override the protocol, or that come twice. */
export function parameterProblems(field: ParameterField, parameters: readonly Parameter[]): UserProblem[] {
  return parameters.flatMap(({ name }, index): UserProblem[] => {
    const path = [field, String(index), 'name'];
    if (PROTOCOL_PARAMETERS[field].includes(name)) {
      return [
        {
          code: 'INVALID',
          field: path,
          message: `${name} is set by the hub itself and cannot be overridden: remove it.`,
        },
      ];
    }
    const isRepeated = parameters.findIndex((each) => each.name === name) < index;
    return isRepeated ? [{ code: 'INVALID', field: path, message: `${name} is given twice: keep one.` }] : [];
  });
}
