import type { HubScope } from './hub-scope.js';
import type { Reach } from './reach.js';
import type { Role } from './user/role.js';

/** Who acts: a signed-in person, a machine as a user, or the hub itself where `id` is null. */
export interface Actor {
  readonly id: string | null;
  readonly name: string;
  readonly roles: readonly Role[];
  /** The session the actor came with. */
  readonly sessionId?: string;
  /** What the token of a machine is good for; absent for people, who may do whatever their roles allow. */
  readonly scopes?: readonly string[];
  /** The machine that acts as the user; `id` is that of its row. */
  readonly client?: { readonly id: string; readonly clientId: string; readonly name: string };
  /** What alone the machine may reach; null or absent for everything. */
  readonly reach?: Reach | null;
}

/** What every service knows of the request it serves. */
export interface RequestContext {
  /** Stands in the log, in the audit trail and in masked errors. */
  readonly requestId: string;
  readonly ip: string | null;
  /** Null for an anonymous caller. */
  readonly actor: Actor | null;
}

/** The hub acting by itself: first start, command line. */
export function hubContext(requestId: string): RequestContext {
  return { requestId, ip: null, actor: { id: null, name: 'hub', roles: [] } };
}

export function hasRole(ctx: Pick<RequestContext, 'actor'>, ...roles: readonly Role[]): boolean {
  return ctx.actor?.roles.some((role) => roles.includes(role)) ?? false;
}

/** Of these, the scopes that the token of a machine lacks; none for people. */
export function missingScopes(actor: Actor | null, scopes: readonly HubScope[]): HubScope[] {
  return scopes.filter((scope) => actor?.scopes?.includes(scope) === false);
}
