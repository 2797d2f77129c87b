import { describe, expect, it } from '@jest/globals';
import { PRESETS } from '../../src/catalogue/catalogue.js';
import { type PresetData, presetSchema } from '../../src/catalogue/preset.schema.js';
import { GOOGLE_PRESET } from '../../src/catalogue/presets/google.preset.js';
import { MICROSOFT_PRESET } from '../../src/catalogue/presets/microsoft.preset.js';

const PROTOCOL_PARAMETERS =
  /^(client_id|client_secret|redirect_uri|response_type|response_mode|state|nonce|scope|code|code_challenge|code_challenge_method|code_verifier|grant_type|refresh_token)$/;

describe.each(PRESETS.map((preset) => [preset.key, preset] as const))('the preset %s', (_, preset) => {
  it('follows the schema', () => {
    expect(presetSchema.safeParse(preset).error?.issues).toBeUndefined();
  });

  it('has the endpoint that each of its grants needs', () => {
    expect(preset.tokenEndpoint).not.toBeNull();
    if (preset.grantTypes.includes('AUTHORIZATION_CODE')) expect(preset.authorizationEndpoint).not.toBeNull();
    if (preset.grantTypes.includes('DEVICE_CODE')) expect(preset.deviceAuthorizationEndpoint).not.toBeNull();
  });

  it('sets no parameter that belongs to the protocol', () => {
    const names = [...preset.authorizationParameters, ...preset.tokenParameters].map(({ name }) => name);
    expect(names.filter((name) => PROTOCOL_PARAMETERS.test(name))).toEqual([]);
  });

  it('names its sources and the day they were read', () => {
    expect(preset.sources.length).toBeGreaterThan(0);
    expect(Date.parse(preset.verifiedOn)).toBeLessThanOrEqual(Date.now());
  });
});

describe('the facts that decisions rest on', () => {
  it.each([
    [
      'google',
      { authorizationLifetime: 'P6M', rotation: 'NONE', revocationScope: 'GRANT', accessTokenLifetime: 'PT1H' },
    ],
    ['microsoft', { authorizationLifetime: 'P3M', rotation: 'ROTATING_NO_REVOKE', requiredScopes: ['offline_access'] }],
    ['mercadolivre', { authorizationLifetime: 'P6M', rotation: 'ROTATING', accessTokenLifetime: 'PT6H' }],
  ])('%s', (key, facts) => {
    expect(PRESETS.find((preset) => preset.key === key)).toMatchObject({
      ...facts,
      authorizationAbsoluteLifetime: null,
      requireRefreshToken: true,
    });
  });
});

describe('presetSchema', () => {
  const [tenant] = MICROSOFT_PRESET.variables;
  if (!tenant) throw new Error('the Microsoft preset has lost its variable');

  it.each<[string, Partial<PresetData> | Record<string, unknown>]>([
    ['an unknown field', { colour: 'blue' }],
    ['a missing field', { rotation: undefined }],
    ['an unknown enum value', { rotation: 'SOMETIMES' }],
    ['a plain http endpoint', { userinfoEndpoint: 'http://example.com/me' }],
    ['an endpoint with a user', { userinfoEndpoint: 'https://me@example.com/me' }],
    ['an endpoint with a query', { userinfoEndpoint: 'https://example.com/me?x=1' }],
    ['an endpoint that is no address', { userinfoEndpoint: 'https://exa mple' }],
    ['a variable that is not declared', { userinfoEndpoint: 'https://{region}.example.com/me' }],
    ['a stray brace', { userinfoEndpoint: 'https://example.com/{me' }],
    ['a variable that is not used', { variables: [tenant, { ...tenant, name: 'region' }] }],
    ['a variable declared twice', { variables: [tenant, tenant] }],
    ['a default that its pattern refuses', { variables: [{ ...tenant, default: 'a/b' }] }],
    ['a choice that its pattern refuses', { variables: [{ ...tenant, choices: ['common', 'x common'] }] }],
    ['a pattern that is none', { variables: [{ ...tenant, pattern: '(' }] }],
    ['an issuer bound to an unknown variable', { issuerWhen: { variable: 'region', pattern: 'x' } }],
    ['a required scope that is no default', { requiredScopes: ['offline'] }],
    ['a scope with a space', { defaultScopes: ['offline_access', 'a b'] }],
    ['a secret parameter', { tokenParameters: [{ name: 'a', value: 'b', secret: true }] }],
    ['a lifetime that is no duration', { accessTokenLifetime: '1h' }],
    ['a date that is none', { verifiedOn: '2026-13-01' }],
    ['no source', { sources: [] }],
  ])('refuses %s', (_, change) => {
    expect(presetSchema.safeParse({ ...MICROSOFT_PRESET, ...change }).success).toBe(false);
  });

  it('does not let a broken default hide behind a part that matches', () => {
    const variable = { ...tenant, default: 'common.example/evil' };
    expect(presetSchema.safeParse({ ...MICROSOFT_PRESET, variables: [variable] }).success).toBe(false);
    expect(presetSchema.safeParse(GOOGLE_PRESET).success).toBe(true);
  });
});
