import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { checkClient, needsSecret } from '../../src/client/client-rules.js';
import { UserError } from '../../src/errors.js';
import type { GrantType, TokenEndpointAuthMethod } from '../../src/provider/provider-enums.js';
import { aProviderRow } from '../support/rows.js';

const PROVIDER = aProviderRow({ name: 'Example', grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS'] });

function problemsOf(
  method: TokenEndpointAuthMethod,
  grantTypes: GrantType[],
  hasSecret: boolean,
  path?: string[],
): string[] {
  try {
    checkClient({ tokenEndpointAuthMethod: method, grantTypes }, PROVIDER, hasSecret, path);
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.problems.map(({ code, field }) => `${code} ${field?.join('.')}`);
  }
}

describe('checkClient', () => {
  it.each<[method: TokenEndpointAuthMethod, grantTypes: GrantType[], hasSecret: boolean]>([
    ['CLIENT_SECRET_BASIC', ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS'], true],
    ['CLIENT_SECRET_POST', ['CLIENT_CREDENTIALS'], true],
    ['NONE', ['AUTHORIZATION_CODE'], false],
  ])('accepts %s with %j and secret %s', (method, grantTypes, hasSecret) => {
    expect(problemsOf(method, grantTypes, hasSecret)).toEqual([]);
  });

  it.each<[problem: string, method: TokenEndpointAuthMethod, grantTypes: GrantType[], hasSecret: boolean]>([
    ['REQUIRED grantTypes', 'CLIENT_SECRET_BASIC', [], true],
    ['INVALID grantTypes', 'CLIENT_SECRET_BASIC', ['AUTHORIZATION_CODE', 'PASSWORD'], true],
    ['REQUIRED clientSecret', 'CLIENT_SECRET_BASIC', ['AUTHORIZATION_CODE'], false],
    ['REQUIRED clientSecret', 'CLIENT_SECRET_POST', ['AUTHORIZATION_CODE'], false],
    ['INVALID clientSecret', 'NONE', ['AUTHORIZATION_CODE'], true],
    ['INVALID tokenEndpointAuthMethod', 'NONE', ['CLIENT_CREDENTIALS'], false],
    ['NOT_SUPPORTED tokenEndpointAuthMethod', 'CLIENT_SECRET_JWT', ['AUTHORIZATION_CODE'], true],
    ['NOT_SUPPORTED tokenEndpointAuthMethod', 'PRIVATE_KEY_JWT', ['AUTHORIZATION_CODE'], false],
  ])('says %s of %s with %j', (problem, method, grantTypes, hasSecret) => {
    expect(problemsOf(method, grantTypes, hasSecret)).toEqual([problem]);
  });

  it('names every problem at once, below the path it is told', () => {
    expect(problemsOf('CLIENT_SECRET_BASIC', ['DEVICE_CODE'], false, ['client'])).toEqual([
      'INVALID client.grantTypes',
      'REQUIRED client.clientSecret',
    ]);
  });

  it('says what the provider does allow', () => {
    expect(() =>
      checkClient({ tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC', grantTypes: ['PASSWORD'] }, PROVIDER, true),
    ).toThrow('Example does not allow PASSWORD: it allows AUTHORIZATION_CODE, CLIENT_CREDENTIALS.');
  });
});

describe('needsSecret', () => {
  it.each<[method: TokenEndpointAuthMethod, needed: boolean]>([
    ['CLIENT_SECRET_BASIC', true],
    ['CLIENT_SECRET_POST', true],
    ['NONE', false],
    ['PRIVATE_KEY_JWT', false],
  ])('is for %s: %s', (method, needed) => {
    expect(needsSecret(method)).toBe(needed);
  });
});
