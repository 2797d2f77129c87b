import { PagesByParentLoader } from '../graphql/pages-by-parent.loader.js';
import type { RequestContext } from '../request-context.js';
import type { TokenEntity } from './token.entity.js';
import type { TokenRepository } from './token.repository.js';
import { tokensSeenBy } from './token-visibility.js';

/** Pages of the tokens of users that the caller may see, in order of creation. */
export class TokensByUserIdLoader extends PagesByParentLoader<TokenEntity> {
  constructor(tokens: TokenRepository, ctx: Pick<RequestContext, 'actor'>) {
    super((userIds, request) =>
      tokens.pageForEach('userId', userIds, request, { column: 'id', direction: 'ASC' }, tokensSeenBy(ctx)),
    );
  }
}
