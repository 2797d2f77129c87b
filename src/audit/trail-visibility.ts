import { hasRole, missingScopes, type RequestContext } from '../request-context.js';

/** The audit trail is for System Managers and Auditors, and for machines of theirs that have its scope. */
export function maySeeTrail(ctx: Pick<RequestContext, 'actor'>): boolean {
  return hasRole(ctx, 'SYSTEM_MANAGER', 'AUDITOR') && missingScopes(ctx.actor, ['hub:audit']).length === 0;
}
