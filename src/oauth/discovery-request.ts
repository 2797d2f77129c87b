import type { EgressRequest } from '../connector/egress-request.js';
import { UserError } from '../errors.js';

/**
 * The requests that may find the metadata of an issuer, in the order to try them: OpenID Connect appends its well-known
 * path, RFC 8414 inserts it between host and path. Without a path both spellings of OpenID Connect are one.
 *
 * @param issuer an issuer that `checkIssuer` has let pass
 * @see OpenID Connect Discovery 1.0 §4, RFC 8414 §3 and §5
 */
export function discoveryRequests(issuer: URL): EgressRequest[] {
  const path = issuer.pathname.replace(/\/$/, '');
  const urls = [
    `${issuer.origin}${path}/.well-known/openid-configuration`,
    `${issuer.origin}/.well-known/oauth-authorization-server${path}`,
    `${issuer.origin}/.well-known/openid-configuration${path}`,
  ];
  return [...new Set(urls)].map((url) => ({
    url,
    method: 'GET',
    headers: { accept: 'application/json' },
  }));
}

/**
 * What an issuer must not be, whatever its host.
 *
 * @throws UserError `INVALID` at `issuer`
 * @see RFC 8414 §2
 */
export function checkIssuer(issuer: string): void {
  if (issuer.includes('/.well-known/')) {
    throw invalidIssuer('Give the issuer alone: remove /.well-known/ and what belongs to it.');
  }
  if (/[{}]|%7[bd]/i.test(issuer)) {
    throw invalidIssuer('The issuer has a placeholder in braces. Put the id of your own tenant in its place.');
  }
  if (/[?#]/.test(issuer)) throw invalidIssuer('An issuer has no query and no fragment: remove what follows ? or #.');
}

export function invalidIssuer(message: string, cause?: unknown): UserError {
  return new UserError({ code: 'INVALID', message, field: ['issuer'] }, cause === undefined ? {} : { cause });
}
