import { z } from 'zod';
import { deepFreeze } from '../deep-freeze.js';
import { StartupError } from '../errors.js';
import { type PresetData, type ProviderPreset, presetSchema } from './preset.schema.js';
import { GOOGLE_PRESET } from './presets/google.preset.js';
import { MERCADOLIVRE_PRESET } from './presets/mercadolivre.preset.js';
import { MICROSOFT_PRESET } from './presets/microsoft.preset.js';

/** EX_SOFTWARE: a wrong preset is a fault of the build, not of the configuration. */
const EXIT_CODE = 70;

export const PRESETS: readonly PresetData[] = [GOOGLE_PRESET, MERCADOLIVRE_PRESET, MICROSOFT_PRESET];

/** The provider presets the hub brings along, in the order of their names. */
export class Catalogue {
  readonly #presets: readonly ProviderPreset[];

  /** @throws StartupError when a preset is incomplete, contradicts itself or repeats a key */
  constructor(presets: readonly PresetData[] = PRESETS) {
    const checked = presets.map(checkedPreset).sort((a, b) => a.name.localeCompare(b.name, 'en'));
    const repeated = checked.find(({ key }, index) => checked.findIndex((other) => other.key === key) < index);
    if (repeated) throw new StartupError(`Two provider presets have the key ${repeated.key}.`, EXIT_CODE);
    this.#presets = deepFreeze(checked);
  }

  /** Presets in which each word of the text occurs, in name, alias, key or category; case and accents do not count. */
  search(text = ''): readonly ProviderPreset[] {
    const words = plain(text).split(/\s+/).filter(Boolean);
    if (words.length === 0) return this.#presets;
    return this.#presets.filter(({ name, aliases, key, category }) => {
      const searched = plain([name, ...aliases, key, category].join(' '));
      return words.every((word) => searched.includes(word));
    });
  }

  find(key: string): ProviderPreset | undefined {
    return this.#presets.find((preset) => preset.key === key);
  }
}

function checkedPreset(data: PresetData): ProviderPreset {
  const result = presetSchema.safeParse(data);
  if (result.success) return result.data;
  throw new StartupError(`The provider preset ${data.key} is wrong.\n${z.prettifyError(result.error)}`, EXIT_CODE);
}

function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
