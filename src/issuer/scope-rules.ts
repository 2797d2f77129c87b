import type { ClientEntity } from '../client/client.entity.js';
import { OAuthError } from './oauth-error.js';

/** @see RFC 6749 §3.3 */
const SCOPE_LIST = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/** So much of a list of scopes fits into the address of a redirect, in characters. */
const MAX_LISTED = 500;

/**
 * The scopes that a request asks for, each once.
 *
 * @param parameter `scope` as sent; null or empty: all that the client may have
 * @throws OAuthError invalid_scope for what is no list of scopes, or for one that the client may not have
 * @see RFC 6749 §3.3
 */
export function askedScopes(client: Pick<ClientEntity, 'scopes'>, parameter: string | null): readonly string[] {
  const { scopes } = client;
  const may =
    scopes.length > 0
      ? `it may ask for ${listOf(scopes)}.`
      : 'it has no scopes at all, its System Manager adds them with updateClient.';
  return scopesAmong(scopes, parameter, (excess) => `This client may not have ${excess}: ${may}`);
}

/**
 * As `askedScopes`, out of what a refresh token has.
 *
 * @throws OAuthError invalid_scope
 * @see RFC 6749 §6
 */
export function narrowedScopes(granted: readonly string[], parameter: string | null): readonly string[] {
  const refusal = (excess: string): string => `The refresh token does not have ${excess}: leave it out.`;
  return scopesAmong(granted, parameter, refusal);
}

/**
 * Those of granted scopes that the client may still have.
 *
 * @throws OAuthError invalid_grant when it may have none of them any more
 */
export function remainingScopes(client: Pick<ClientEntity, 'scopes'>, granted: readonly string[]): readonly string[] {
  const remaining = granted.filter((scope) => client.scopes.includes(scope));
  if (remaining.length > 0 || granted.length === 0) return remaining;
  throw new OAuthError('invalid_grant', 'This client may not have these scopes any more: ask for authorization again.');
}

function listOf(scopes: readonly string[]): string {
  const text = scopes.join(' ');
  return text.length > MAX_LISTED ? `${text.slice(0, MAX_LISTED)}...` : text;
}

function scopesAmong(
  allowed: readonly string[],
  parameter: string | null,
  refusal: (excess: string) => string,
): readonly string[] {
  if (parameter === null || parameter === '') return allowed;
  if (!SCOPE_LIST.test(parameter))
    throw new OAuthError('invalid_scope', 'The scope must be a list of scopes with one space between them.');
  const asked = [...new Set(parameter.split(' '))];
  const excess = asked.filter((scope) => !allowed.includes(scope));
  if (excess.length > 0) throw new OAuthError('invalid_scope', refusal(listOf(excess)));
  return asked;
}
