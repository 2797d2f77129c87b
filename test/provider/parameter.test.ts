import { describe, expect, it } from '@jest/globals';
import { type ParameterField, parameterProblems } from '../../src/provider/parameter.js';

const parameter = (name: string) => ({ name, value: 'x', secret: false });

describe('parameterProblems', () => {
  it.each<[field: ParameterField, allowed: string[]]>([
    ['authorizationParameters', ['prompt', 'access_type', 'login_hint', 'grant_type', 'State', 'scopes']],
    ['tokenParameters', ['audience', 'prompt', 'state', 'response_type', 'Grant_Type']],
  ])('lets extra %s pass, of the other request too', (field, allowed) => {
    expect(parameterProblems(field, allowed.map(parameter))).toEqual([]);
  });

  it.each<[field: ParameterField, names: string[]]>([
    [
      'authorizationParameters',
      ['state', 'redirect_uri', 'client_id', 'response_type', 'scope', 'nonce', 'code_challenge', 'request_uri'],
    ],
    [
      'tokenParameters',
      [
        'grant_type',
        'client_id',
        'client_secret',
        'code',
        'code_verifier',
        'refresh_token',
        'client_assertion',
        'scope',
      ],
    ],
  ])('refuses %s that the hub sets itself, each at its place', (field, names) => {
    const problems = parameterProblems(field, [parameter('fine'), ...names.map(parameter)]);

    expect(problems).toEqual(
      names.map((name, index) => ({
        code: 'INVALID',
        field: [field, String(index + 1), 'name'],
        message: expect.stringContaining(name),
      })),
    );
  });

  it('refuses the second of two parameters with one name', () => {
    const problems = parameterProblems('tokenParameters', ['a', 'b', 'a', 'A', 'a'].map(parameter));

    expect(problems.map(({ field }) => field?.[1])).toEqual(['2', '4']);
  });
});
