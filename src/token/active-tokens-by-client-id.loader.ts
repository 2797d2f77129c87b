import DataLoader from 'dataloader';
import type { Clock } from '../database/clock.js';
import type { RequestContext } from '../request-context.js';
import type { TokenEntity } from './token.entity.js';
import type { TokenRepository } from './token.repository.js';
import { tokensSeenBy } from './token-visibility.js';

/** Of each client. */
export const MAX_ACTIVE_TOKENS = 100;

/** The tokens of clients that can be used right now and that the caller may see, the newest first. */
export class ActiveTokensByClientIdLoader extends DataLoader<string, TokenEntity[]> {
  constructor(tokens: TokenRepository, clock: Clock, ctx: Pick<RequestContext, 'actor'>) {
    super(async (clientIds) => {
      const found = await tokens.newestActive(clientIds, clock.now(), MAX_ACTIVE_TOKENS, tokensSeenBy(ctx));
      return clientIds.map((id) => found.filter(({ clientId }) => clientId === id));
    });
  }
}
