import { hasRole, type RequestContext } from '../request-context.js';
import type { TokenFilter } from './token-filter.js';

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

/** The filter, narrowed to them. */
export function filterSeenBy(ctx: Pick<RequestContext, 'actor'>, filter: TokenFilter): TokenFilter {
  const { userId } = tokensSeenBy(ctx);
  if (userId === undefined) return filter;
  const isAsked = filter.userIds == null || filter.userIds.includes(userId);
  return { ...filter, userIds: isAsked ? [userId] : [] };
}
