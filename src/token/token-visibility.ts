import { hasRole, type RequestContext } from '../request-context.js';

/** No row has it. */
const NOBODY = '';

/**
 * Which tokens a caller may see at all: System Managers and Auditors every one, others those that are theirs.
 *
 * @returns the column that narrows a list to them
 */
export function tokensSeenBy(ctx: Pick<RequestContext, 'actor'>): { userId?: string } {
  return hasRole(ctx, 'SYSTEM_MANAGER', 'AUDITOR') ? {} : { userId: ctx.actor?.id ?? NOBODY };
}
