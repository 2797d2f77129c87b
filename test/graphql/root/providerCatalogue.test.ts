import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { MEGABYTE } from './bad-input.js';
import { expectBadRequest, itRefuses, SIGNED_IN_ONLY } from './root-field.js';

const CATALOGUE = `query ($search: String) {
  providerCatalogue(search: $search) {
    key name category documentationUrl grantTypes notes variables { name description default choices }
  }
}`;
const KEYS = 'query ($search: String) { providerCatalogue(search: $search) { key } }';

describe('providerCatalogue', () => {
  let hub: TestHub;
  let callers: Callers;

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
  });
  afterAll(() => hub.stop());

  const keys = async (search: unknown) => {
    const { data, errors } = await callers.manager(KEYS, { search });
    expect(errors).toEqual([]);
    return data.providerCatalogue.map(({ key }: any) => key as string) as string[];
  };

  it('lists every preset by name, with what it must be told', async () => {
    const { data, errors } = await callers.manager(CATALOGUE);

    expect(errors).toEqual([]);
    expect(data.providerCatalogue).toMatchObject([
      { key: 'google', name: 'Google', category: 'suite', variables: [] },
      {
        key: 'mercadolivre',
        category: 'commerce',
        variables: [
          {
            name: 'authorizationHost',
            default: 'auth.mercadolivre.com.br',
            choices: expect.arrayContaining(['auth.mercadolibre.com.ar']),
          },
        ],
      },
      {
        key: 'microsoft',
        grantTypes: expect.arrayContaining(['AUTHORIZATION_CODE']),
        variables: [{ name: 'tenant', default: null, choices: null, description: expect.stringContaining('tenant') }],
      },
    ]);
    for (const { notes, documentationUrl } of data.providerCatalogue) {
      expect(notes.length).toBeGreaterThan(0);
      expect(documentationUrl).toMatch(/^https:/);
    }
  });

  it.each(['manager', 'auditor', 'member'] as const)('is for the %s too', async (caller) => {
    expect((await callers[caller](KEYS)).data.providerCatalogue).toHaveLength(3);
  });

  it.each([
    ['name', 'GOOGLE', ['google']],
    ['alias', 'azure', ['microsoft']],
    ['category', 'commerce', ['mercadolivre']],
    ['two words', 'suite  micro', ['microsoft']],
    ['words of two presets', 'google microsoft', []],
    ['an accent', 'Mércado', ['mercadolivre']],
    ['nothing', '', ['google', 'mercadolivre', 'microsoft']],
    ['null', null, ['google', 'mercadolivre', 'microsoft']],
    ['a pattern', '.*', []],
  ])('searches by %s', async (_what, search, expected) => {
    expect(await keys(search)).toEqual(expected);
  });

  itRefuses(() => callers, SIGNED_IN_ONLY, { kind: 'query', selection: 'providerCatalogue { key }' });

  it.each([
    ['too long', 'x'.repeat(201)],
    ['of 1 MB', MEGABYTE],
    ['with a null byte', 'a\0'],
    ['with a lone surrogate', '\ud800'],
  ])('finds nothing for a text %s', async (_what, search) => {
    expect(await keys(search)).toEqual([]);
  });

  it('refuses a request for a number', async () => {
    expectBadRequest(await callers.manager(KEYS, { search: 5 }), '"$search"');
  });
});
