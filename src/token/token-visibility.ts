import { hasRole, type RequestContext } from '../request-context.js';
import type { TokenFilter } from './token-filter.js';

/** No row has it. */
const NOBODY = '';

/** What tokens have in common that a caller may see; absent where it does not matter. */
export interface TokensSeen {
  userId?: string;
  ids?: readonly string[];
  providerIds?: readonly string[];
}

/**
 * Which tokens a caller may see at all: System Managers and Auditors every one, others those that are theirs; of them a
 * machine those in its reach.
 */
export function tokensSeenBy(ctx: Pick<RequestContext, 'actor'>): TokensSeen {
  const { providerIds, tokenIds } = ctx.actor?.reach ?? { providerIds: null, tokenIds: null };
  return {
    ...(hasRole(ctx, 'SYSTEM_MANAGER', 'AUDITOR') ? {} : { userId: ctx.actor?.id ?? NOBODY }),
    ...(tokenIds ? { ids: tokenIds } : {}),
    ...(providerIds ? { providerIds } : {}),
  };
}

/** The filter, narrowed to them. */
export function filterSeenBy(ctx: Pick<RequestContext, 'actor'>, filter: TokenFilter): TokenFilter {
  const { ids, providerIds, userId } = tokensSeenBy(ctx);
  return {
    ...filter,
    ...(userId === undefined ? {} : { userIds: both([userId], filter.userIds) }),
    ...(providerIds ? { providerIds: both(providerIds, filter.providerIds) } : {}),
    ...(ids ? { ids } : {}),
  };
}

/** Those that are asked for and may be. */
function both(seen: readonly string[], asked: readonly string[] | null | undefined): string[] {
  return seen.filter((id) => asked?.includes(id) ?? true);
}
