import type { UserProblem } from '../errors.js';

export const MAX_REDIRECT_URIS = 20;
const MAX_LENGTH = 2048;

/** RFC 3986 §2, without `#`: a redirect URI has no fragment (RFC 6749 §3.1.2). */
const URI_CHARACTERS = /^[\w\-.~:/?[\]@!$&'()*+,;=%]+$/;
/** A domain name in reverse, which says who owns the scheme (RFC 8252 §7.1). */
const PRIVATE_USE_SCHEME = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/;
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/** What is wrong with redirect URIs to which the hub is to send browsers; they are compared as exact strings. */
export function redirectUriProblems(redirectUris: readonly string[]): UserProblem[] {
  const field = ['redirectUris'];
  if (redirectUris.length > MAX_REDIRECT_URIS)
    return [{ code: 'INVALID', field, message: `Give at most ${MAX_REDIRECT_URIS} redirect URIs.` }];
  return redirectUris.flatMap((uri, index) => {
    const fault = faultOf(uri);
    return fault === undefined ? [] : [{ code: 'INVALID', field: [...field, String(index)], message: fault }];
  });
}

function faultOf(uri: string): string | undefined {
  if (uri.length > MAX_LENGTH) return `A redirect URI has at most ${MAX_LENGTH} characters.`;
  if (uri.includes('#')) return 'A redirect URI has no fragment (RFC 6749 §3.1.2): leave out # and what follows.';
  if (!URI_CHARACTERS.test(uri) || !URL.canParse(uri))
    return 'Write an absolute URI (RFC 3986), such as https://app.example.com/callback.';
  const { hostname, password, protocol, username } = new URL(uri);
  if (username !== '' || password !== '') return 'A redirect URI names no user: leave out what stands before the @.';
  if (hostname.includes('*')) return 'A redirect URI is one exact address, without wildcards: register each.';
  if (protocol === 'https:' || protocol === 'http:') return webFaultOf(uri, protocol, hostname);
  if (PRIVATE_USE_SCHEME.test(protocol)) return undefined;
  return 'Use https, http on this machine (localhost, 127.0.0.1, [::1]), or a scheme with a dot such as com.example.app: (RFC 8252 §7.1).';
}

function webFaultOf(uri: string, protocol: string, hostname: string): string | undefined {
  // Browsers mend what lacks a slash or has one too many, and would go elsewhere than the text says.
  if (!/^https?:\/\/[^/]/i.test(uri))
    return `Write two slashes and a host after ${protocol}, as in https://app.example.com.`;
  if (protocol === 'https:' || LOOPBACK_HOSTS.includes(hostname)) return undefined;
  return 'http is for this machine only (localhost, 127.0.0.1, [::1]; RFC 8252 §7.3): use https.';
}
