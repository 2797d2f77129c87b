import DataLoader from 'dataloader';
import type { RequestContext } from '../request-context.js';
import type { UserEntity } from './user.entity.js';
import type { UserRepository } from './user.repository.js';
import { maySeeUser } from './user-visibility.js';

/** Users by id, in one query for each tick; null for those that the caller may not see. */
export class UserByIdLoader extends DataLoader<string, UserEntity | null> {
  constructor(users: UserRepository, ctx: Pick<RequestContext, 'actor'>) {
    super(async (ids) => {
      const seen = ids.filter((id) => maySeeUser(ctx, id));
      const found = new Map(seen.length === 0 ? [] : (await users.findByIds(seen)).map((row) => [row.id, row]));
      return ids.map((id) => found.get(id) ?? null);
    });
  }
}
