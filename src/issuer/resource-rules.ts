import { OAuthError } from './oauth-error.js';

const MOST_RESOURCES = 10;
const MOST_CHARACTERS = 2000;
const ABSOLUTE_URI = /^[a-z][a-z\d+.-]*:[\x21\x22\x24-\x7e]+$/i;

/**
 * The resource servers that a token is asked for, each once, as they were sent; none: every one.
 *
 * @param parameters `resource` may be there more than once
 * @throws OAuthError invalid_target for what is no absolute URI, or has a fragment
 * @see RFC 8707 §2
 */
export function askedResource(parameters: URLSearchParams): readonly string[] {
  const asked = [...new Set(parameters.getAll('resource').filter((each) => each !== ''))];
  if (asked.length > MOST_RESOURCES)
    throw new OAuthError('invalid_target', `At most ${MOST_RESOURCES} resources can be asked for at once.`);
  if (!asked.every(isResource))
    throw new OAuthError('invalid_target', 'Each resource must be an absolute URI without a fragment.');
  return asked;
}

function isResource(text: string): boolean {
  return text.length <= MOST_CHARACTERS && ABSOLUTE_URI.test(text) && URL.canParse(text);
}
