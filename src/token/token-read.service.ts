import type { Clock } from '../database/clock.js';
import type { Page, PageRequest, Sort } from '../database/page.js';
import { UserError } from '../errors.js';
import { isId } from '../ids.js';
import { nameKey } from '../name-key.js';
import { reachesToken } from '../reach.js';
import type { RequestContext } from '../request-context.js';
import { filterSeenBy, tokensSeenBy } from './token-visibility.js';
import type { TokenFilter } from './token-filter.js';
import type { TokenEntity } from './token.entity.js';
import type { TokenRepository } from './token.repository.js';

/** Which tokens a caller sees: System Managers and Auditors all, Members their own. */
export class TokenReadService {
  constructor(
    private readonly tokens: TokenRepository,
    private readonly clock: Clock,
  ) {}

  /** With provider and client. @returns null for an unknown token and for one the caller may not see alike */
  async find(ctx: RequestContext, by: { id?: string | null; name?: string | null }): Promise<TokenEntity | null> {
    const found = await this.lookUp(by);
    return found && this.maySee(ctx, found) ? found : null;
  }

  page(
    ctx: RequestContext,
    filter: TokenFilter,
    request: PageRequest,
    sort: Sort<TokenEntity>,
  ): Promise<Page<TokenEntity>> {
    return this.tokens.page(filterSeenBy(ctx, filter), this.clock.now(), request, sort);
  }

  /** For a mutation, whose caller may change tokens, and perhaps not this one. @throws UserError NOT_FOUND */
  async toChange(ctx: RequestContext, id: string, field = 'id'): Promise<TokenEntity> {
    const token = await this.existing(id, field);
    if (reachesToken(ctx, token)) return token;
    throw notFound(field);
  }

  /** For what goes on with a token, whoever has begun it. @throws UserError NOT_FOUND */
  async existing(id: string, field = 'id'): Promise<TokenEntity> {
    const token = isId('token', id) ? await this.tokens.findById(id) : null;
    if (token) return token;
    throw notFound(field);
  }

  private async lookUp({ id, name }: { id?: string | null; name?: string | null }): Promise<TokenEntity | null> {
    if (id != null) return isId('token', id) ? this.tokens.findWithParties({ id }) : null;
    return name == null ? null : this.tokens.findWithParties({ nameKey: nameKey(name) });
  }

  private maySee(ctx: RequestContext, token: TokenEntity): boolean {
    const { userId } = tokensSeenBy(ctx);
    return (userId === undefined || userId === token.userId) && reachesToken(ctx, token);
  }
}

function notFound(field: string): UserError {
  return new UserError({
    code: 'NOT_FOUND',
    field: [field],
    message: 'No token has this id: list them with the tokens query.',
  });
}
