import { describe, expect, it } from '@jest/globals';
import { Catalogue, PRESETS } from '../../src/catalogue/catalogue.js';
import type { PresetData } from '../../src/catalogue/preset.schema.js';
import { GOOGLE_PRESET } from '../../src/catalogue/presets/google.preset.js';
import { StartupError } from '../../src/errors.js';

describe('Catalogue.search', () => {
  it.each([
    [undefined, ['google', 'mercadolivre', 'microsoft']],
    ['', ['google', 'mercadolivre', 'microsoft']],
    ['   ', ['google', 'mercadolivre', 'microsoft']],
    ['GOOGLE', ['google']],
    ['gmail', ['google']],
    ['azure', ['microsoft']],
    ['office 365', ['microsoft']],
    ['365 office', ['microsoft']],
    ['mercado libre', ['mercadolivre']],
    ['Mércado', ['mercadolivre']],
    ['suite', ['google', 'microsoft']],
    ['google azure', []],
    ['no such provider', []],
    ['.*', []],
  ])('%j finds %j', (text, keys) => {
    expect(new Catalogue().search(text).map(({ key }) => key)).toEqual(keys);
  });
});

describe('Catalogue.find', () => {
  it('gives the preset of a key', () => {
    expect(new Catalogue().find('google')?.name).toBe('Google');
  });

  it.each(['Google', 'unknown', '', '__proto__', 'constructor'])('gives nothing for %j', (key) => {
    expect(new Catalogue().find(key)).toBeUndefined();
  });
});

describe('Catalogue', () => {
  it('cannot be changed by whoever reads it', () => {
    const catalogue = new Catalogue();
    const [first] = catalogue.search();
    expect(Object.isFrozen(catalogue.search())).toBe(true);
    expect(Object.isFrozen(first?.authorizationParameters[0])).toBe(true);
  });

  it('marks no parameter of a preset as secret', () => {
    expect(new Catalogue().find('google')?.authorizationParameters).toEqual([
      { name: 'access_type', value: 'offline', secret: false },
      { name: 'prompt', value: 'consent', secret: false },
    ]);
  });

  it.each<[string, readonly PresetData[]]>([
    ['repeats a key', [...PRESETS, GOOGLE_PRESET]],
    ['breaks the schema', [{ ...GOOGLE_PRESET, tokenEndpoint: 'http://oauth2.googleapis.com/token' }]],
  ])('does not start with a preset that %s', (_, presets) => {
    expect(() => new Catalogue(presets)).toThrow(StartupError);
  });
});
