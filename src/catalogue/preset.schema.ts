import { z } from 'zod';
import {
  ASSERTION_AUDIENCES,
  EXPIRES_IN_UNITS,
  GRANT_TYPES,
  REVOCATION_SCOPES,
  ROTATIONS,
  TOKEN_ENDPOINT_AUTH_METHODS,
} from '../provider/provider-enums.js';

/** `{name}` in an endpoint. */
export const PLACEHOLDER = /\{([a-zA-Z]+)\}/g;

export const ENDPOINT_FIELDS = [
  'issuer',
  'authorizationEndpoint',
  'tokenEndpoint',
  'refreshEndpoint',
  'revocationEndpoint',
  'introspectionEndpoint',
  'userinfoEndpoint',
  'deviceAuthorizationEndpoint',
] as const;

const text = z.string().min(1);
const httpsUrl = z.url({ protocol: /^https$/ });
const endpoint = z
  .string()
  .refine((url) => /^https:\/\/[^?#@\s]+$/.test(url), 'is not an https address without query and fragment')
  .refine((url) => URL.canParse(url.replace(PLACEHOLDER, 'x')), 'is not an address once its variables are filled in')
  .nullable();
const duration = z.iso.duration();
const scope = z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, 'is not a scope (RFC 6749 §3.3)');
const pattern = z.string().refine(isPattern, 'is not a regular expression');

/** A preset holds no secret, so its parameters never are. */
const parameter = z.strictObject({ name: text, value: text, secret: z.literal(false).default(false) });

const variable = z.strictObject({
  name: z.string().regex(/^[a-zA-Z]+$/),
  description: text,
  /** Regular expression for the whole value. */
  pattern,
  default: text.optional(),
  /** The only values there are; each matches `pattern`. */
  choices: z.array(text).min(1).optional(),
  /** The value counts in lower case, whatever case it is given in. */
  lowerCase: z.literal(true).optional(),
});

const preset = z.strictObject({
  key: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
  name: text,
  /** Other names people look for. */
  aliases: z.array(text),
  category: text,
  documentationUrl: httpsUrl,
  variables: z.array(variable),
  issuer: endpoint,
  /** The issuer is known only when this variable matches; null: always. */
  issuerWhen: z.strictObject({ variable: text, pattern }).nullable(),
  authorizationEndpoint: endpoint,
  tokenEndpoint: endpoint,
  refreshEndpoint: endpoint,
  revocationEndpoint: endpoint,
  introspectionEndpoint: endpoint,
  userinfoEndpoint: endpoint,
  deviceAuthorizationEndpoint: endpoint,
  grantTypes: z.array(z.enum(GRANT_TYPES)).min(1),
  tokenEndpointAuthMethod: z.enum(TOKEN_ENDPOINT_AUTH_METHODS),
  pkce: z.boolean(),
  scopeSeparator: z.enum([' ', ',']),
  defaultScopes: z.array(scope),
  requiredScopes: z.array(scope),
  authorizationParameters: z.array(parameter),
  tokenParameters: z.array(parameter),
  requireRefreshToken: z.boolean(),
  rotation: z.enum(ROTATIONS),
  revocationScope: z.enum(REVOCATION_SCOPES),
  expiresInUnit: z.enum(EXPIRES_IN_UNITS),
  assertionAudience: z.enum(ASSERTION_AUDIENCES),
  accessTokenLifetime: duration.nullable(),
  authorizationLifetime: duration.nullable(),
  authorizationAbsoluteLifetime: duration.nullable(),
  refreshMargin: duration,
  /** For the manual: what an operator must know about this provider. */
  notes: z.array(text),
  sources: z.array(httpsUrl).min(1),
  /** Day on which the sources were read. */
  verifiedOn: z.iso.date(),
});

/** A provider preset as data: complete, strict and consistent in itself. */
export const presetSchema = preset.superRefine((value, context) => {
  for (const problem of inconsistencies(value)) context.addIssue(problem);
});

export type PresetData = z.input<typeof presetSchema>;
export type ProviderPreset = z.output<typeof presetSchema>;
export type PresetVariable = ProviderPreset['variables'][number];

function inconsistencies(value: z.output<typeof preset>): string[] {
  const declared = value.variables.map(({ name }) => name);
  const templates = ENDPOINT_FIELDS.flatMap((field) => value[field] ?? []);
  const used = templates.flatMap((url) => [...url.matchAll(PLACEHOLDER)].map(([, name = '']) => name));
  const unmatched = value.variables.flatMap(({ pattern, choices = [], default: byDefault }) =>
    [...choices, ...(byDefault === undefined ? [] : [byDefault])].filter((each) => !matchesWhole(pattern, each)),
  );
  return [
    ...templates.filter((url) => /[{}]/.test(url.replace(PLACEHOLDER, ''))).map((url) => `${url} has a stray brace`),
    ...used.filter((name) => !declared.includes(name)).map((name) => `variable ${name} is not declared`),
    ...declared.filter((name) => !used.includes(name)).map((name) => `variable ${name} is not used`),
    ...declared.filter((name, index) => declared.indexOf(name) < index).map((name) => `variable ${name} is repeated`),
    ...unmatched.map((each) => `${each} does not match the pattern of its variable`),
    ...(value.issuerWhen && !declared.includes(value.issuerWhen.variable) ? ['issuerWhen names no variable'] : []),
    ...value.requiredScopes
      .filter((each) => !value.defaultScopes.includes(each))
      .map((each) => `required scope ${each} is no default scope`),
  ];
}

/** Whether the regular expression matches all of the text, not a part of it. */
export function matchesWhole(pattern: string, value: string): boolean {
  return new RegExp(`^(?:${pattern})$`, 'u').test(value);
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
