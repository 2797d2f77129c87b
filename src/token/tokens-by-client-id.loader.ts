import { PagesByParentLoader } from '../graphql/pages-by-parent.loader.js';
import type { RequestContext } from '../request-context.js';
import type { TokenEntity } from './token.entity.js';
import type { TokenRepository } from './token.repository.js';
import { tokensSeenBy } from './token-visibility.js';

/** Pages of the tokens of clients that the caller may see, in order of creation. */
export class TokensByClientIdLoader extends PagesByParentLoader<TokenEntity> {
  constructor(tokens: TokenRepository, ctx: Pick<RequestContext, 'actor'>) {
    super((clientIds, request) =>
      tokens.pageForEach('clientId', clientIds, request, { column: 'id', direction: 'ASC' }, tokensSeenBy(ctx)),
    );
  }
}
