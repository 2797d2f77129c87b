import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { durationMs } from './duration.js';
import { StartupError } from './errors.js';
import { Secret } from './secret.js';
import { parseMasterKeys } from './vault/master-keys.js';

/*
 * What the text of a variable may be. A message says what is wrong and what to write; it never repeats the text,
 * because nobody knows into which variable a secret was pasted.
 */

const MIN_PASSWORD_CHARACTERS = 12;
const MAX_PASSWORD_CHARACTERS = 200;
const MAX_EMAIL_CHARACTERS = 254;
const MAX_PORT = 65_535;
const HOST_NAME = /^[a-z0-9_][a-z0-9_.-]{0,252}$/i;

/** The levels of pino. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const line = z.string().trim();

/** A schema around a function that throws StartupError to refuse. */
export function parsedBy<T>(parse: (text: string) => T) {
  return line.transform((text, context): T => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof StartupError)) throw error;
      context.addIssue(error.message);
      return z.NEVER;
    }
  });
}

/** Comma separated; each refused entry is reported, repeated ones are dropped. */
export function listOf<T>(entry: z.ZodType<T, string>) {
  return line
    .transform((text) => text.split(','))
    .pipe(z.array(entry))
    .transform((entries): readonly T[] => [...new Set(entries)]);
}

export function parsePort(text: string, lowest = 1): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port >= lowest && port <= MAX_PORT) return port;
  throw new StartupError(`is not a port. Write a whole number from ${lowest} to ${MAX_PORT}.`);
}

export function parseHost(text: string): string {
  if (HOST_NAME.test(text) || isAddress(text)) return text;
  throw new StartupError('is not a host. Write a name or an IP address without port, brackets or https://.');
}

/** @returns scheme, host and port as browsers write them: lower case, no default port, no slash at the end */
export function parseOrigin(text: string): string {
  const url = parseWebUrl(text);
  if (url.pathname === '/') return url.origin;
  throw new StartupError('has a path, which is not supported. End after host and port, as in https://hub.example.com.');
}

/** @returns the normalised URL; with a host alone it ends in a slash, so that it is no prefix of a longer host */
export function parseReturnUrl(text: string): string {
  return parseWebUrl(text).href;
}

function parseWebUrl(text: string): URL {
  if (text.includes('*')) throw new StartupError('has a wildcard, which is not supported. Name each address in full.');
  // Stricter than the URL parser, which mends backslashes, missing slashes and line breaks without a word.
  if (!/^https?:\/\/[^\s\\/]+(\/[^\s\\]*)?$/i.test(text) || !URL.canParse(text)) {
    throw new StartupError('is not an absolute web address. Write it as in https://hub.example.com.');
  }
  const url = new URL(text);
  if (url.username || url.password) throw new StartupError('has a user name or password. Remove all up to the @.');
  if (/[?#]/.test(text)) throw new StartupError('has a query or a fragment. End the address before the ? or #.');
  return url;
}

/** @returns false, or the addresses and ranges of the proxies */
export const trustProxy = listOf(parsedBy((text) => (text === 'false' ? false : parseProxy(text)))).transform(
  (entries, context): false | readonly string[] => {
    const proxies = entries.filter((entry) => entry !== false);
    if (proxies.length === 0) return false;
    if (proxies.length < entries.length) context.addIssue('has false beside addresses. Write one or the other.');
    return proxies;
  },
);

function parseProxy(text: string): string {
  if (text === 'true') {
    throw new StartupError('is true, which would trust anybody. List the addresses of your proxies, as in 10.0.0.5.');
  }
  if (/\/0+$/.test(text)) throw new StartupError('is a range of all addresses, which would trust anybody. Narrow it.');
  const [address = '', prefixLength] = text.split('/');
  const plain = isAddress(address) && !address.includes('%');
  if (plain && (prefixLength === undefined || ipaddr.isValidCIDR(text))) return text;
  throw new StartupError('is not an address or range. Write false, or a list such as 10.0.0.5, 10.1.0.0/16, ::1.');
}

/** Short and octal forms of IPv4 are refused: what reads them disagrees about what they mean. */
function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
}

export const flag = line
  .pipe(z.enum(['true', 'false'], 'is neither true nor false. Write one of the two, in lower case.'))
  .transform((text) => text === 'true');

/** ISO 8601, such as P30D. */
export const duration = parsedBy((text) => {
  try {
    durationMs(text, new Date(0));
    return text;
  } catch {
    throw new StartupError('is not a duration. Write one by ISO 8601, such as P30D or PT12H.');
  }
});

export const logLevel = line.pipe(z.enum(LOG_LEVELS, `is not a level. Write one of ${LOG_LEVELS.join(', ')}.`));

export const email = line.pipe(
  z.email('is not an e-mail address. Write it as in admin@example.com.').max(MAX_EMAIL_CHARACTERS, 'is too long.'),
);

export const newPassword = z
  .string()
  .superRefine((text, context) => {
    const length = [...text].length;
    if (text !== text.trim()) context.addIssue('begins or ends with white space. Remove it.');
    else if (length < MIN_PASSWORD_CHARACTERS || length > MAX_PASSWORD_CHARACTERS) {
      context.addIssue(`needs ${MIN_PASSWORD_CHARACTERS} to ${MAX_PASSWORD_CHARACTERS} characters.`);
    }
  })
  .transform((text) => new Secret(text));

export const masterKeys = parsedBy((text) => {
  try {
    parseMasterKeys(text, '');
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    throw new StartupError(error.message.replace(/^: /, ''));
  }
  return new Secret(text);
});
