import { isResourceUri } from '../oauth/resource-uri.js';
import { OAuthError } from './oauth-error.js';

const MOST_RESOURCES = 10;

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
  if (!asked.every(isResourceUri))
    throw new OAuthError('invalid_target', 'Each resource must be an absolute URI without a fragment.');
  return asked;
}
