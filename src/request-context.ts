import type { Role } from './user/role.js';

/** Who acts: a signed-in person, or the hub itself where `id` is null. */
export interface Actor {
  readonly id: string | null;
  readonly name: string;
  readonly roles: readonly Role[];
  /** The session the actor came with. */
  readonly sessionId?: string;
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
