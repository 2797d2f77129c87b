import { emptyPage, type Page, type PageRequest, type Sort } from '../database/page.js';
import { isId } from '../ids.js';
import type { RequestContext } from '../request-context.js';
import type { UserEntity } from './user.entity.js';
import type { UserFilter, UserRepository } from './user.repository.js';
import { maySeeUser, seesAllUsers } from './user-visibility.js';

/** Which users a caller sees: System Managers and Auditors all, Members and limited machines themselves. */
export class UserReadService {
  constructor(private readonly users: UserRepository) {}

  /** Who is asking; null for an anonymous caller. */
  async viewer(ctx: RequestContext): Promise<UserEntity | null> {
    return ctx.actor?.id == null ? null : this.users.findById(ctx.actor.id);
  }

  /** @returns null for an unknown user and for one the caller may not see alike */
  async find(ctx: RequestContext, id: string): Promise<UserEntity | null> {
    return maySeeUser(ctx, id) && isId('user', id) ? this.users.findById(id) : null;
  }

  /** @throws BadInputError */
  page(
    ctx: RequestContext,
    filter: UserFilter,
    request: PageRequest,
    sort: Sort<UserEntity>,
  ): Promise<Page<UserEntity>> {
    if (seesAllUsers(ctx)) return this.users.page(filter, request, sort);
    const ownId = ctx.actor?.id;
    if (ownId == null) return Promise.resolve(emptyPage(request, sort));
    return this.users.page({ ...filter, id: ownId }, request, sort);
  }
}
