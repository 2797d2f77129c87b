import { isCountable } from '../duration.js';
import { EgressError } from '../connector/egress-error.js';
import { checkUrl, type EgressPolicy } from '../connector/egress-policy.js';
import { UserError, type UserProblem } from '../errors.js';
import { type Parameter, parameterProblems } from './parameter.js';
import type { ProviderEntity } from './provider.entity.js';

/** Columns that stand for what a provider is and does, with its parameters in the open. */
export type ProviderSettings = Omit<
  ProviderEntity,
  | 'id'
  | 'key'
  | 'name'
  | 'nameKey'
  | 'kind'
  | 'catalogueKey'
  | 'baseId'
  | 'createdAt'
  | 'updatedAt'
  | 'version'
  | 'authorizationParameters'
  | 'tokenParameters'
> & { authorizationParameters: Parameter[]; tokenParameters: Parameter[] };

/** Settings that a caller or a source gives; null clears what can be empty and means "not given" elsewhere. */
export type GivenSettings = { [K in keyof ProviderSettings]?: ProviderSettings[K] | null | undefined };

export const DEFAULT_SETTINGS: ProviderSettings = {
  category: null,
  documentationUrl: null,
  issuer: null,
  authorizationEndpoint: null,
  tokenEndpoint: null,
  refreshEndpoint: null,
  revocationEndpoint: null,
  introspectionEndpoint: null,
  userinfoEndpoint: null,
  deviceAuthorizationEndpoint: null,
  grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS'],
  tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC',
  pkce: true,
  scopeSeparator: ' ',
  defaultScopes: [],
  requiredScopes: [],
  authorizationParameters: [],
  tokenParameters: [],
  requireRefreshToken: false,
  rotation: 'UNKNOWN',
  revocationScope: 'UNKNOWN',
  expiresInUnit: 'SECONDS',
  assertionAudience: 'ISSUER',
  accessTokenLifetime: null,
  authorizationLifetime: null,
  authorizationAbsoluteLifetime: null,
  refreshMargin: 'PT5M',
  enabled: true,
};

const NAMES = Object.keys(DEFAULT_SETTINGS) as (keyof ProviderSettings)[];

/** `base` with what is given on top. */
export function applySettings(base: ProviderSettings, given: GivenSettings): ProviderSettings {
  const changes = NAMES.filter(
    (name) => given[name] !== undefined && (given[name] !== null || DEFAULT_SETTINGS[name] === null),
  );
  return { ...base, ...Object.fromEntries(changes.map((name) => [name, withoutRepeats(given[name])])) };
}

/** Of a list of names each counts once. */
function withoutRepeats(value: unknown): unknown {
  return Array.isArray(value) ? [...new Set<unknown>(value)] : value;
}

/** Names of the settings that differ. */
export function changedSettings(before: ProviderSettings, after: ProviderSettings): (keyof ProviderSettings)[] {
  return NAMES.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

/** Where the hub and browsers go for it; most of them get credentials. */
export const URL_SETTINGS = [
  'issuer',
  'authorizationEndpoint',
  'tokenEndpoint',
  'refreshEndpoint',
  'revocationEndpoint',
  'introspectionEndpoint',
  'userinfoEndpoint',
  'deviceAuthorizationEndpoint',
] as const satisfies (keyof ProviderSettings)[];

const DURATION_SETTINGS = [
  'accessTokenLifetime',
  'authorizationLifetime',
  'authorizationAbsoluteLifetime',
  'refreshMargin',
] as const satisfies (keyof ProviderSettings)[];
const MAX_DURATION_LENGTH = 32;

/** @throws UserError that names every setting with which the provider could not work */
export function checkSettings(settings: ProviderSettings, policy: EgressPolicy): void {
  const problems = [
    ...URL_SETTINGS.flatMap((name) => urlProblems(name, settings[name], policy)),
    ...documentationProblems(settings.documentationUrl),
    ...DURATION_SETTINGS.flatMap((name) => durationProblems(name, settings[name])),
    ...missingEndpoints(settings),
    ...parameterProblems('authorizationParameters', settings.authorizationParameters),
    ...parameterProblems('tokenParameters', settings.tokenParameters),
  ];
  if (settings.scopeSeparator === '') {
    problems.push({
      code: 'INVALID',
      field: ['scopeSeparator'],
      message: 'Give at least one character, such as a blank or a comma.',
    });
  }
  if (problems.length > 0) throw new UserError(problems);
}

function urlProblems(name: string, url: string | null, policy: EgressPolicy): UserProblem[] {
  if (url === null) return [];
  try {
    checkUrl(url, policy);
    return [];
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    return [{ code: 'INVALID', field: [name], message: error.message }];
  }
}

/** A link for people, which the hub never calls. */
function documentationProblems(url: string | null): UserProblem[] {
  if (url === null || /^https?:\/\//i.test(url)) return [];
  const message = 'Give the address of a web page, which starts with https:// or http://.';
  return [{ code: 'INVALID', field: ['documentationUrl'], message }];
}

function durationProblems(name: string, duration: string | null): UserProblem[] {
  if (duration === null || (duration.length <= MAX_DURATION_LENGTH && isCountable(duration))) return [];
  const message = `Write an ISO 8601 duration such as PT5M: not negative, in whole units, at most ${MAX_DURATION_LENGTH} characters.`;
  return [{ code: 'INVALID', field: [name], message }];
}

function missingEndpoints(settings: ProviderSettings): UserProblem[] {
  const { grantTypes } = settings;
  const needsConsent = grantTypes.includes('AUTHORIZATION_CODE') || grantTypes.includes('OIDC_HYBRID');
  const needed = {
    grantTypes: grantTypes.length === 0,
    tokenEndpoint: settings.tokenEndpoint === null,
    authorizationEndpoint: needsConsent && settings.authorizationEndpoint === null,
    deviceAuthorizationEndpoint: grantTypes.includes('DEVICE_CODE') && settings.deviceAuthorizationEndpoint === null,
  };
  return Object.entries(needed)
    .filter(([, isMissing]) => isMissing)
    .map(([name]) => ({
      code: 'REQUIRED',
      field: [name],
      message: `${name} is needed for the grant types ${grantTypes.join(', ') || '(none given)'}.`,
    }));
}
