import { ForbiddenError } from './errors.js';
import { HUB_SCOPES } from './hub-scope.js';
import { missingScopes, type RequestContext } from './request-context.js';

/** What alone a machine may reach, by ids; null where that kind of record does not limit it. */
export interface Reach {
  readonly tokenIds: readonly string[] | null;
  /** With their clients and tokens. */
  readonly providerIds: readonly string[] | null;
}

type Caller = Pick<RequestContext, 'actor'>;

/** Null when nothing limits it. */
export function reachOf(client: { allowedTokens: string[] | null; allowedProviders: string[] | null }): Reach | null {
  const { allowedProviders: providerIds, allowedTokens: tokenIds } = client;
  return tokenIds || providerIds ? { tokenIds, providerIds } : null;
}

export function reachesToken({ actor }: Caller, token: { id: string; providerId: string }): boolean {
  const { providerIds, tokenIds } = actor?.reach ?? { providerIds: null, tokenIds: null };
  return (tokenIds?.includes(token.id) ?? true) && (providerIds?.includes(token.providerId) ?? true);
}

/**
 * Whether the provider and its clients are the caller's to see by themselves. One that is limited to named tokens sees
 * those that a token of his leads to, as a Member does.
 */
export function reachesProvider({ actor }: Caller, providerId: string): boolean {
  return !actor?.reach || (actor.reach.providerIds?.includes(providerId) ?? false);
}

/** Ids of the only providers of a list; null for all. */
export function providersReachedBy({ actor }: Caller): readonly string[] | null {
  return actor?.reach ? (actor.reach.providerIds ?? []) : null;
}

/**
 * Whether he may change them and read their secrets, too: what they have belongs to all of their tokens, and so not to
 * one that is limited to named ones.
 */
export function holdsProvider(ctx: Caller, providerId: string): boolean {
  return reachesProvider(ctx, providerId) && ctx.actor?.reach?.tokenIds == null;
}

/** For a secret that a record in reach leads to and that is not of it alone. */
export function notHeld(): ForbiddenError {
  return new ForbiddenError('This secret serves more than the tokens that this client is limited to.');
}

/** Only a caller whom nothing limits may do what touches everything. @throws ForbiddenError */
export function requireFullReach({ actor }: Caller, what: string): void {
  if (!actor?.reach) return;
  throw new ForbiddenError(`${what} is not for a client that is limited to named tokens or providers.`);
}

/** Nobody is given more of the hub by whoever may not do it himself. @throws ForbiddenError */
export function requireGrantable(ctx: Caller, scopes: readonly string[], what: string): void {
  requireFullReach(ctx, what);
  const missing = missingScopes(
    ctx.actor,
    HUB_SCOPES.filter((scope) => scopes.includes(scope)),
  );
  if (missing.length === 0) return;
  throw new ForbiddenError(`${what} with ${missing.join(' ')} needs a token with these scopes.`, missing);
}

/** Whoever decides where secrets are sent can have them. @throws ForbiddenError */
export function requireSecrets({ actor }: Caller, what: string): void {
  const missing = missingScopes(actor, ['hub:secrets']);
  if (missing.length === 0) return;
  throw new ForbiddenError(
    `${what} decides where credentials are sent, and needs a token with the scope hub:secrets too: ask for one.`,
    missing,
  );
}

/** What is made anew is none of the named tokens. @throws ForbiddenError */
export function requireUnnamedTokens({ actor }: Caller, what: string): void {
  if (actor?.reach?.tokenIds == null) return;
  throw new ForbiddenError(`${what} is not for a client that is limited to named tokens.`);
}
