import { isIP } from 'node:net';
import { addressScope, type AddressScope } from './address-scope.js';
import { EgressError } from './egress-error.js';

export interface EgressPolicy {
  /** Allows plain http and any port, towards loopback and private addresses only. */
  allowPrivateNetwork: boolean;
  /** Ports for public addresses; `DEFAULT_ALLOWED_PORTS` unless given. */
  allowedPorts?: readonly number[];
}

/** https and what authorization servers commonly listen on besides. */
export const DEFAULT_ALLOWED_PORTS: readonly number[] = [443, 8443, 9443];

const MAX_URL_LENGTH = 8192;
const MAX_HOST_LENGTH = 253;
const HOST_NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/;
const ALLOW_PRIVATE_HINT = 'or set HUB_ALLOW_PRIVATE_NETWORK=true if the hub may reach your own network';

/**
 * What can be said of a URL that a person or a document gave without asking the DNS. The addresses of a host name are
 * judged by `checkDestination` once they are known, so a URL that passes here can still be refused there.
 *
 * @throws EgressError `REFUSED`, with the reason and what to do
 */
export function checkUrl(url: string, policy: EgressPolicy): URL {
  const parsed = parseUrl(url);
  const { protocol, hostname } = parsed;
  const mayBePlain = protocol === 'http:' && policy.allowPrivateNetwork;
  if (protocol !== 'https:' && !mayBePlain) throw refused(`The URL must start with https://, not ${protocol}//.`);
  if (parsed.username !== '' || parsed.password !== '') {
    throw refused(`The URL of ${hostname} must not contain a user name or password before the host.`);
  }
  if (parsed.href.includes('#')) throw refused(`The URL of ${hostname} must not contain a fragment (#…): remove it.`);
  const address = hostAddress(parsed);
  if (address !== undefined) {
    checkDestination(parsed, address, policy);
    return parsed;
  }
  checkHostName(hostname, policy);
  if (!policy.allowPrivateNetwork) checkPort(parsed, policy);
  return parsed;
}

/**
 * Whether this address may be connected to at all: public unicast, and with `allowPrivateNetwork` also loopback, RFC 1918
 * and unique local addresses. Metadata, link-local and other special addresses are refused always.
 *
 * @throws EgressError `REFUSED`
 */
export function checkAddress(address: string, policy: EgressPolicy): AddressScope {
  return checkScope(`The address ${address}`, address, policy);
}

/**
 * Whether this URL may be asked at this address of its host: `checkAddress`, and towards a public address https and an
 * allowed port.
 *
 * @throws EgressError `REFUSED`
 */
export function checkDestination(url: URL, address: string, policy: EgressPolicy): void {
  const isLiteral = hostAddress(url) !== undefined;
  const scope = checkScope(isLiteral ? `The address ${address}` : `${url.hostname} at ${address}`, address, policy);
  if (scope.reach !== 'PUBLIC') return;
  if (url.protocol !== 'https:') {
    throw refused(`Plain http to ${url.hostname} is refused: ${address} is a public address. Use https://.`);
  }
  checkPort(url, policy);
}

/** The address of a URL whose host is an IP literal. */
export function hostAddress(url: URL): string | undefined {
  const literal = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(literal) === 0 ? undefined : literal;
}

function checkScope(subject: string, address: string, policy: EgressPolicy): AddressScope {
  const scope = addressScope(address);
  const refusal = `${subject} is refused: it is ${scope.description}.`;
  if (scope.reach === 'FORBIDDEN') throw refused(refusal);
  if (scope.reach === 'PRIVATE' && !policy.allowPrivateNetwork) {
    throw refused(`${refusal} Use a public address, ${ALLOW_PRIVATE_HINT}.`);
  }
  return scope;
}

function parseUrl(url: string): URL {
  if (url.length > MAX_URL_LENGTH) throw refused(`The URL is longer than ${MAX_URL_LENGTH} characters.`);
  // The parser drops or rewrites these silently: what is checked would not be what the reader sees.
  if (/[\s\\\p{Cc}]/u.test(url)) throw refused('The URL must not contain spaces, control characters or backslashes.');
  try {
    return new URL(url);
  } catch {
    // The parser's error repeats the whole URL, so it is no fit cause.
    throw refused('The URL cannot be read. Write it in full, like https://login.example.com/oauth/token.');
  }
}

function checkHostName(hostname: string, policy: EgressPolicy): void {
  const isName = hostname.length <= MAX_HOST_LENGTH && HOST_NAME.test(hostname.replace(/\.$/, ''));
  if (!isName) throw refused('The host of the URL is no valid host name.');
  if (hostname.endsWith('.')) throw refused(`The host ${hostname} must not end with a dot: remove it.`);
  const isLocal = /(?:^|\.)localhost(?:\.localdomain)?$/.test(hostname);
  if (isLocal && !policy.allowPrivateNetwork) {
    throw refused(`The host ${hostname} is refused: it is this machine. Use a public host, ${ALLOW_PRIVATE_HINT}.`);
  }
}

function checkPort(url: URL, policy: EgressPolicy): void {
  const ports = policy.allowedPorts ?? DEFAULT_ALLOWED_PORTS;
  const port = url.port === '' ? 443 : Number(url.port);
  if (!ports.includes(port)) {
    throw refused(`Port ${port} of ${url.hostname} is refused. Allowed are ${ports.join(', ')}.`);
  }
}

function refused(message: string): EgressError {
  return new EgressError('REFUSED', message);
}
