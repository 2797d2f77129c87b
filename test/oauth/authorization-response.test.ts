import { describe, expect, it } from '@jest/globals';
import { authorizationState, readAuthorizationResponse } from '../../src/oauth/authorization-response.js';
import { thrownFailure } from './thrown-failure.js';

const EXPECTED = { state: 'S', issuer: 'https://idp.example.com' };
const ISS = encodeURIComponent(EXPECTED.issuer);

const read = (query: string, changes: Partial<typeof EXPECTED> | { issuer: null } = {}) =>
  readAuthorizationResponse(new URLSearchParams(query), { ...EXPECTED, ...changes });

describe('readAuthorizationResponse', () => {
  it.each([
    ['plain', 'code=C&state=S', {}],
    ['with the issuer', `code=C&state=S&iss=${ISS}`, {}],
    ['with an issuer that is not known here', 'code=C&state=S&iss=https%3A%2F%2Felsewhere', { issuer: null }],
    ['with parameters it does not know, even twice', 'code=C&state=S&session_state=1&scope=a&scope=b', {}],
    ['with an error that is empty', 'code=C&state=S&error=', {}],
  ])('gives the code: %s', (_name, query, changes) => {
    expect(read(query, changes)).toBe('C');
  });

  it.each([
    ['another state', 'code=C&state=T', {}, 'state_mismatch'],
    ['no state', 'code=C', {}, 'state_mismatch'],
    ['a state of another case', 'code=C&state=s', {}, 'state_mismatch'],
    ['another issuer', 'code=C&state=S&iss=https%3A%2F%2Fevil.example', {}, 'issuer_mismatch'],
    ['almost the issuer', `code=C&state=S&iss=${ISS}%2F`, {}, 'issuer_mismatch'],
    ['another issuer and an error', 'error=access_denied&state=S&iss=x', {}, 'issuer_mismatch'],
    ['two codes', 'code=C&code=D&state=S', {}, 'duplicate_parameter'],
    ['one code twice', 'code=C&code=C&state=S', {}, 'duplicate_parameter'],
    ['two states', 'code=C&state=S&state=S', {}, 'duplicate_parameter'],
    ['two issuers', `code=C&state=S&iss=${ISS}&iss=${ISS}`, {}, 'duplicate_parameter'],
    ['two errors', 'error=a&error=b&state=S', {}, 'duplicate_parameter'],
    ['neither code nor error', 'state=S', {}, 'code_missing'],
    ['an empty code', 'code=&state=S', {}, 'code_missing'],
  ])('refuses %s', (_name, query, changes, error) => {
    const failure = thrownFailure(() => read(query, changes));
    expect(failure).toMatchObject({ code: 'PROVIDER_INVALID_RESPONSE', error, permanent: true });
    expect(failure.message).toContain('Start the authorization again.');
  });

  it('takes the code and the state out of what the provider wrote', () => {
    const query = 'error=server_error&state=state-of-1&code=code-of-1&error_description=state-of-1+and+code-of-1';

    const { description, message } = thrownFailure(() => read(query, { state: 'state-of-1' }));

    expect(description).toBe('[redacted 10] and [redacted 9]');
    expect(message).not.toMatch(/(state|code)-of-1/);
  });

  it.each([
    ['access_denied', 'PROVIDER_REJECTED', true, false],
    ['invalid_scope', 'PROVIDER_REJECTED', true, false],
    ['unauthorized_client', 'PROVIDER_REJECTED', true, true],
    ['interaction_required', 'PROVIDER_REJECTED', true, false],
    ['server_error', 'PROVIDER_UNREACHABLE', false, false],
    ['temporarily_unavailable', 'PROVIDER_UNREACHABLE', false, false],
  ])('reports the error %s', (error, code, permanent, clientLevel) => {
    const query = `error=${error}&error_description=Sorry%0AAda&error_uri=https%3A%2F%2Fidp.example.com%2Fe&state=S`;
    expect(thrownFailure(() => read(query))).toMatchObject({
      error,
      code,
      permanent,
      clientLevel,
      description: 'Sorry Ada',
      uri: 'https://idp.example.com/e',
    });
  });

  it('says of a denied consent what to do', () => {
    const { message } = thrownFailure(() => read('error=access_denied&state=S&code=C'));
    expect(message).toBe(
      'The provider refused the request (access_denied). Start the authorization again and give consent.',
    );
  });
});

describe('authorizationState', () => {
  it.each([
    ['state=S&code=C', 'S'],
    ['code=C', undefined],
    ['state=', undefined],
    ['state=S&state=T', undefined],
  ])('of %s is %p', (query, state) => {
    expect(authorizationState(new URLSearchParams(query))).toBe(state);
  });
});
