import { OAuthError } from './oauth-error.js';

/** Of which a request may have several. @see RFC 8707 §2 */
const REPEATABLE = 'resource';

/**
 * The parameters of a request to an OAuth endpoint. Those without a value count as left out.
 *
 * @param body application/x-www-form-urlencoded
 * @throws OAuthError invalid_request for what is no such form, and for a parameter that is there twice
 * @see RFC 6749 §3.2 and Appendix B
 */
export function formParameters(body: string): URLSearchParams {
  const parameters = new URLSearchParams();
  const names = new Set<string>();
  for (const pair of body.split('&').filter(Boolean)) {
    const separator = pair.indexOf('=');
    const name = formDecoded(separator === -1 ? pair : pair.slice(0, separator));
    const value = separator === -1 ? '' : formDecoded(pair.slice(separator + 1));
    if (names.has(name) && name !== REPEATABLE)
      throw new OAuthError('invalid_request', 'A parameter is there more than once: send each once.');
    names.add(name);
    if (value !== '') parameters.append(name, value);
  }
  return parameters;
}

/** @throws OAuthError invalid_request */
export function formDecoded(text: string): string {
  try {
    if (/^[\x21-\x7e]*$/.test(text)) return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    // Said below.
  }
  throw new OAuthError('invalid_request', 'The form cannot be decoded: percent-encode each value as UTF-8.');
}
