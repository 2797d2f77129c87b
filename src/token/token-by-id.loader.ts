import DataLoader from 'dataloader';
import type { RequestContext } from '../request-context.js';
import type { TokenEntity } from './token.entity.js';
import type { TokenRepository } from './token.repository.js';
import { tokensSeenBy } from './token-visibility.js';

/** Tokens by id that the caller may see, in one query for each tick. */
export class TokenByIdLoader extends DataLoader<string, TokenEntity | null> {
  constructor(tokens: TokenRepository, ctx: Pick<RequestContext, 'actor'>) {
    super(async (ids) => {
      const found = new Map((await tokens.findByIds(ids, tokensSeenBy(ctx))).map((row) => [row.id, row]));
      return ids.map((id) => found.get(id) ?? null);
    });
  }
}
