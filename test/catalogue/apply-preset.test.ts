import { describe, expect, it } from '@jest/globals';
import { applyPreset } from '../../src/catalogue/apply-preset.js';
import { Catalogue } from '../../src/catalogue/catalogue.js';
import { ENDPOINT_FIELDS, type ProviderPreset } from '../../src/catalogue/preset.schema.js';
import { UserError } from '../../src/errors.js';

const GUID = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
const catalogue = new Catalogue();

function aPreset(key: string): ProviderPreset {
  const preset = catalogue.find(key);
  if (!preset) throw new Error(`no preset ${key}`);
  return preset;
}

function problemsOf(key: string, variables: Readonly<Record<string, unknown>>): UserError['problems'] {
  try {
    applyPreset(aPreset(key), variables);
  } catch (error) {
    if (error instanceof UserError) return error.problems;
    throw error;
  }
  return [];
}

describe('applyPreset', () => {
  it('gives a preset without variables as it is', () => {
    const preset = aPreset('google');
    expect(preset).toMatchObject(applyPreset(preset));
    expect(applyPreset(preset)).toHaveProperty('tokenEndpoint', preset.tokenEndpoint);
  });

  it('fills a variable into every endpoint', () => {
    const applied = applyPreset(aPreset('microsoft'), { tenant: GUID });
    expect(applied).toMatchObject({
      issuer: `https://login.microsoftonline.com/${GUID}/v2.0`,
      authorizationEndpoint: `https://login.microsoftonline.com/${GUID}/oauth2/v2.0/authorize`,
      tokenEndpoint: `https://login.microsoftonline.com/${GUID}/oauth2/v2.0/token`,
      deviceAuthorizationEndpoint: `https://login.microsoftonline.com/${GUID}/oauth2/v2.0/devicecode`,
      refreshEndpoint: null,
    });
    expect(ENDPOINT_FIELDS.map((field) => applied[field] ?? '').join()).not.toMatch(/[{}]/);
    expect(applied).not.toHaveProperty('variables');
    expect(applied).not.toHaveProperty('issuerWhen');
  });

  it('leaves the preset itself untouched', () => {
    applyPreset(aPreset('microsoft'), { tenant: GUID });
    expect(aPreset('microsoft').tokenEndpoint).toContain('{tenant}');
  });

  it.each(['common', 'organizations', 'consumers', 'contoso.onmicrosoft.com', 'xn--bcher-kva.example'])(
    'fills the Microsoft tenant %s and leaves the issuer open',
    (tenant) => {
      const applied = applyPreset(aPreset('microsoft'), { tenant });
      expect(applied.tokenEndpoint).toBe(`https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`);
      expect(applied.issuer).toBeNull();
    },
  );

  it('takes a tenant in upper case', () => {
    const applied = applyPreset(aPreset('microsoft'), { tenant: GUID.toUpperCase() });
    expect(applied.issuer).toBe(`https://login.microsoftonline.com/${GUID}/v2.0`);
  });

  it.each([
    [{}, 'https://auth.mercadolivre.com.br/authorization'],
    [{ authorizationHost: 'auth.mercadolibre.com.ar' }, 'https://auth.mercadolibre.com.ar/authorization'],
    [{ authorizationHost: 'AUTH.mercadolibre.cl' }, 'https://auth.mercadolibre.cl/authorization'],
  ])('with %j Mercado Livre sends people to %s', (variables, endpoint) => {
    const applied = applyPreset(aPreset('mercadolivre'), variables);
    expect(applied.authorizationEndpoint).toBe(endpoint);
    expect(applied.tokenEndpoint).toBe('https://api.mercadolibre.com/oauth/token');
  });

  it.each([
    '',
    ' common',
    'common ',
    'common\n',
    'contoso',
    '.',
    '..',
    'a..b',
    '-a.example',
    'common/../x',
    'common%2f..',
    'common?x=',
    'common#',
    'evil.example@x.example',
    'x.example:443',
    'x.example\\y',
    'bücher.example',
    `${GUID}0`,
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(200)}example`,
    null,
    7,
    ['common'],
    { tenant: 'common' },
  ])('refuses the Microsoft tenant %j', (tenant) => {
    expect(problemsOf('microsoft', { tenant })).toMatchObject([{ code: 'INVALID', field: ['variables', 'tenant'] }]);
  });

  it('refuses a tenant of a megabyte', () => {
    expect(problemsOf('microsoft', { tenant: 'a.'.repeat(500_000) })).toHaveLength(1);
  });

  it.each([
    'auth.mercadolibre.com.evil',
    'auth.mercadolibre.com',
    'auth.mercadolivre.com.br.evil.example',
    'evil.example',
    '',
    null,
  ])('refuses the Mercado Livre host %j, which is none of the list', (authorizationHost) => {
    const [problem] = problemsOf('mercadolivre', { authorizationHost });
    expect(problem).toMatchObject({ code: 'INVALID', field: ['variables', 'authorizationHost'] });
    expect(problem?.message).toContain('Give one of auth.mercadolivre.com.br, ');
  });

  it('says what a missing variable is', () => {
    expect(problemsOf('microsoft', {})).toMatchObject([
      {
        code: 'INVALID',
        field: ['variables', 'tenant'],
        message: expect.stringMatching(/^The variable tenant is missing\. Give: Directory/),
      },
    ]);
  });

  it('reports every unknown variable and every wrong one', () => {
    expect(problemsOf('microsoft', { tenant: '/', region: 'eu', Tenant: 'common' }).map(({ field }) => field)).toEqual([
      ['variables', 'region'],
      ['variables', 'Tenant'],
      ['variables', 'tenant'],
    ]);
  });

  it.each(['__proto__', 'constructor', 'toString', 'x'])('refuses the unknown variable %s', (name) => {
    const variables = JSON.parse(`{"${name}":"common"}`) as Record<string, unknown>;
    expect(problemsOf('google', variables)).toMatchObject([{ code: 'INVALID', field: ['variables', name] }]);
  });

  it('does not answer a flood of unknown variables with a flood of problems', () => {
    const flood = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x${index}`, '']));
    expect(problemsOf('google', flood).length).toBeLessThanOrEqual(10);
  });
});
