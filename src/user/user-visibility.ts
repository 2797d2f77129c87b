import { hasRole, type RequestContext } from '../request-context.js';

/** System Managers and Auditors, and machines of theirs that nothing limits. */
export function seesAllUsers(ctx: Pick<RequestContext, 'actor'>): boolean {
  return hasRole(ctx, 'SYSTEM_MANAGER', 'AUDITOR') && !ctx.actor?.reach;
}

/** Others see themselves. */
export function maySeeUser(ctx: Pick<RequestContext, 'actor'>, id: string): boolean {
  return seesAllUsers(ctx) || id === ctx.actor?.id;
}
