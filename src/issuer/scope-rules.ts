import type { ClientEntity } from '../client/client.entity.js';
import { OAuthError } from './oauth-error.js';

/** @see RFC 6749 §3.3 */
const SCOPE_LIST = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/**
 * The scopes that a request asks for, each once.
 *
 * @param parameter `scope` as sent; null or empty: all that the client may have
 * @throws OAuthError invalid_scope for what is no list of scopes, or for one that the client may not have
 * @see RFC 6749 §3.3
 */
export function askedScopes(client: Pick<ClientEntity, 'scopes'>, parameter: string | null): readonly string[] {
  return scopesAmong(client.scopes, parameter, 'This client may not have every scope that it asks for.');
}

/**
 * As `askedScopes`, out of what a refresh token has.
 *
 * @throws OAuthError invalid_scope
 * @see RFC 6749 §6
 */
export function narrowedScopes(granted: readonly string[], parameter: string | null): readonly string[] {
  return scopesAmong(granted, parameter, 'A refresh gives no scope that the refresh token has not: leave it out.');
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

function scopesAmong(allowed: readonly string[], parameter: string | null, refusal: string): readonly string[] {
  if (parameter === null || parameter === '') return allowed;
  if (!SCOPE_LIST.test(parameter))
    throw new OAuthError('invalid_scope', 'The scope must be a list of scopes with one space between them.');
  const asked = [...new Set(parameter.split(' '))];
  if (!asked.every((scope) => allowed.includes(scope))) throw new OAuthError('invalid_scope', refusal);
  return asked;
}
