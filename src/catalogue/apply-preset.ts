import { UserError, type UserProblem } from '../errors.js';
import {
  ENDPOINT_FIELDS,
  PLACEHOLDER,
  type PresetVariable,
  type ProviderPreset,
  matchesWhole,
} from './preset.schema.js';

/** What may stand in an endpoint, whatever the pattern of a variable lets through: one host or one path segment. */
const SAFE_VALUE = /^(?!\.)[a-z0-9_.-]{1,253}$/i;

const MAX_UNKNOWN_REPORTED = 10;

/** A preset with its endpoints filled in: the settings of a provider. */
export type AppliedPreset = Omit<ProviderPreset, 'variables' | 'issuerWhen'>;

/**
 * Fills the variables of a preset into its endpoints.
 *
 * @param given values by name of variable; what is not a string is refused
 * @throws UserError INVALID with the path `variables, <name>` for each unknown, missing or wrong variable
 */
export function applyPreset(preset: ProviderPreset, given: Readonly<Record<string, unknown>> = {}): AppliedPreset {
  const problems = unknownVariables(preset, given);
  const values = new Map<string, string>();
  for (const variable of preset.variables) {
    const value = Object.hasOwn(given, variable.name) ? given[variable.name] : variable.default;
    const read = variable.lowerCase && typeof value === 'string' ? value.toLowerCase() : value;
    if (typeof read === 'string' && isAllowed(variable, read)) values.set(variable.name, read);
    else problems.push(refusal(variable, value === undefined || value === null));
  }
  if (problems.length > 0) throw new UserError(problems);
  return filled(preset, values);
}

function isAllowed({ pattern, choices }: PresetVariable, value: string): boolean {
  if (!SAFE_VALUE.test(value) || !matchesWhole(pattern, value)) return false;
  return choices === undefined || choices.includes(value);
}

function refusal({ name, description, choices }: PresetVariable, missing: boolean): UserProblem {
  const wanted = choices ? `Give one of ${choices.join(', ')}.` : `Give: ${description}`;
  const message = `The variable ${name} ${missing ? 'is missing' : 'has a value that is not allowed'}. ${wanted}`;
  return { code: 'INVALID', message, field: ['variables', name] };
}

function unknownVariables(preset: ProviderPreset, given: Readonly<Record<string, unknown>>): UserProblem[] {
  const known = preset.variables.map(({ name }) => name);
  const advice = known.length > 0 ? `It has: ${known.join(', ')}.` : 'It has none: leave them out.';
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .slice(0, MAX_UNKNOWN_REPORTED)
    .map((name) => ({
      code: 'INVALID',
      message: `The preset ${preset.key} has no variable of this name. ${advice}`,
      field: ['variables', name],
    }));
}

function filled(preset: ProviderPreset, values: ReadonlyMap<string, string>): AppliedPreset {
  const { variables, issuerWhen, ...settings } = preset;
  if (variables.length === 0) return settings;
  for (const field of ENDPOINT_FIELDS) {
    settings[field] = settings[field]?.replace(PLACEHOLDER, (_, name: string) => values.get(name) ?? '') ?? null;
  }
  const issuerKnown = !issuerWhen || matchesWhole(issuerWhen.pattern, values.get(issuerWhen.variable) ?? '');
  return { ...settings, issuer: issuerKnown ? settings.issuer : null };
}
