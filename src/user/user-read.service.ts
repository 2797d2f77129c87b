import { emptyPage, type Page, type PageRequest, type Sort } from '../database/page.js';
import { isId } from '../ids.js';
import { hasRole, type RequestContext } from '../request-context.js';
import type { UserEntity } from './user.entity.js';
import type { UserFilter, UserRepository } from './user.repository.js';

/** Which users a caller sees: System Managers and Auditors all, Members themselves. */
export class UserReadService {
  constructor(private readonly users: UserRepository) {}

  /** Who is asking; null for an anonymous caller. */
  async viewer(ctx: RequestContext): Promise<UserEntity | null> {
    return ctx.actor?.id == null ? null : this.users.findById(ctx.actor.id);
  }

  /** @returns null for an unknown user and for one the caller may not see alike */
  async find(ctx: RequestContext, id: string): Promise<UserEntity | null> {
    const maySee = maySeeAll(ctx) || id === ctx.actor?.id;
    return maySee && isId('user', id) ? this.users.findById(id) : null;
  }

  /** @throws BadInputError */
  page(
    ctx: RequestContext,
    filter: UserFilter,
    request: PageRequest,
    sort: Sort<UserEntity>,
  ): Promise<Page<UserEntity>> {
    if (maySeeAll(ctx)) return this.users.page(filter, request, sort);
    const ownId = ctx.actor?.id;
    if (ownId == null) return Promise.resolve(emptyPage(request, sort));
    return this.users.page({ ...filter, id: ownId }, request, sort);
  }
}

function maySeeAll(ctx: RequestContext): boolean {
  return hasRole(ctx, 'SYSTEM_MANAGER', 'AUDITOR');
}
