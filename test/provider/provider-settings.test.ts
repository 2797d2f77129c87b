import { describe, expect, it } from '@jest/globals';
import { UserError } from '../../src/errors.js';
import {
  applySettings,
  changedSettings,
  checkSettings,
  DEFAULT_SETTINGS,
  type ProviderSettings,
} from '../../src/provider/provider-settings.js';

const WORKING: ProviderSettings = {
  ...DEFAULT_SETTINGS,
  authorizationEndpoint: 'https://id.example.com/authorize',
  tokenEndpoint: 'https://id.example.com/token',
};
const PUBLIC_ONLY = { allowPrivateNetwork: false };

describe('applySettings', () => {
  it('takes what is given and keeps the rest', () => {
    expect(applySettings(WORKING, { category: 'crm', pkce: false })).toEqual({
      ...WORKING,
      category: 'crm',
      pkce: false,
    });
  });

  it('clears with null what can be empty, and takes it for not given elsewhere', () => {
    const base = { ...WORKING, category: 'crm', accessTokenLifetime: 'PT1H', scopeSeparator: ',' };

    const after = applySettings(base, {
      category: null,
      accessTokenLifetime: null,
      scopeSeparator: null,
      pkce: null,
      grantTypes: null,
      issuer: undefined,
    });

    expect(after).toEqual({ ...base, category: null, accessTokenLifetime: null });
  });

  it('counts each entry of a list once, in the order given', () => {
    const { defaultScopes } = applySettings(WORKING, { defaultScopes: ['b', 'a', 'b', 'a'] });

    expect(defaultScopes).toEqual(['b', 'a']);
  });

  it('ignores what is no setting', () => {
    const given = { id: 'prv_a', key: 'other', version: 7, name: 'Other' };

    expect(applySettings(WORKING, given as object)).toEqual(WORKING);
  });
});

describe('changedSettings', () => {
  it('names what differs, lists and parameters included', () => {
    const after = {
      ...WORKING,
      enabled: false,
      defaultScopes: ['a'],
      tokenParameters: [{ name: 'a', value: 'b', secret: false }],
    };

    expect(changedSettings(WORKING, WORKING)).toEqual([]);
    expect(changedSettings(WORKING, after)).toEqual(['defaultScopes', 'tokenParameters', 'enabled']);
  });
});

describe('checkSettings', () => {
  const problemsOf = (given: Partial<ProviderSettings>, policy = PUBLIC_ONLY) => {
    try {
      checkSettings({ ...WORKING, ...given }, policy);
      return [];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return error.problems.map(({ code, field }) => `${code} ${field?.join('.')}`);
    }
  };

  it.each<[what: string, given: Partial<ProviderSettings>]>([
    ['an authorization code provider', {}],
    ['machines only, without a place to consent', { grantTypes: ['CLIENT_CREDENTIALS'], authorizationEndpoint: null }],
    ['devices', { grantTypes: ['DEVICE_CODE'], deviceAuthorizationEndpoint: 'https://id.example.com/device' }],
    [
      'durations',
      {
        accessTokenLifetime: 'PT1H',
        authorizationLifetime: 'P6M',
        authorizationAbsoluteLifetime: 'P5Y',
        refreshMargin: 'PT0S',
      },
    ],
    ['a manual on a plain page', { documentationUrl: 'http://manual.example.com/' }],
  ])('accepts %s', (_what, given) => {
    expect(problemsOf(given)).toEqual([]);
  });

  it.each<[problem: string, given: Partial<ProviderSettings>]>([
    ['REQUIRED tokenEndpoint', { tokenEndpoint: null }],
    ['REQUIRED grantTypes', { grantTypes: [] }],
    ['REQUIRED authorizationEndpoint', { authorizationEndpoint: null }],
    ['REQUIRED authorizationEndpoint', { grantTypes: ['OIDC_HYBRID'], authorizationEndpoint: null }],
    ['REQUIRED deviceAuthorizationEndpoint', { grantTypes: ['DEVICE_CODE'] }],
    ['INVALID tokenEndpoint', { tokenEndpoint: 'http://id.example.com/token' }],
    ['INVALID issuer', { issuer: 'https://127.0.0.1/' }],
    ['INVALID userinfoEndpoint', { userinfoEndpoint: 'https://169.254.169.254/' }],
    ['INVALID revocationEndpoint', { revocationEndpoint: 'https://id.example.com:22/' }],
    ['INVALID documentationUrl', { documentationUrl: 'data:text/html,x' }],
    ['INVALID scopeSeparator', { scopeSeparator: '' }],
    ['INVALID refreshMargin', { refreshMargin: '-PT5M' }],
    ['INVALID accessTokenLifetime', { accessTokenLifetime: 'P1.5D' }],
    ['INVALID authorizationAbsoluteLifetime', { authorizationAbsoluteLifetime: '-P1Y' }],
    ['INVALID authorizationLifetime', { authorizationLifetime: `P${'1'.repeat(32)}D` }],
    ['INVALID tokenParameters.0.name', { tokenParameters: [{ name: 'code', value: 'x', secret: false }] }],
  ])('says %s', (problem, given) => {
    expect(problemsOf(given)).toEqual([problem]);
  });

  it('names every problem at once', () => {
    expect(problemsOf({ tokenEndpoint: null, issuer: 'ftp://id.example.com', scopeSeparator: '' })).toEqual([
      'INVALID issuer',
      'REQUIRED tokenEndpoint',
      'INVALID scopeSeparator',
    ]);
  });

  it('lets the own network pass where the policy allows it', () => {
    const given = { tokenEndpoint: 'http://10.0.0.1:8080/token', issuer: 'http://127.0.0.1:4444' };

    expect(problemsOf(given, { allowPrivateNetwork: true })).toEqual([]);
    expect(problemsOf(given)).toEqual(['INVALID issuer', 'INVALID tokenEndpoint']);
  });
});
