import DataLoader from 'dataloader';
import type { UserEntity } from './user.entity.js';
import type { UserRepository } from './user.repository.js';

/** Users by id, in one query for each tick. */
export class UserByIdLoader extends DataLoader<string, UserEntity | null> {
  constructor(users: UserRepository) {
    super(async (ids) => {
      const found = new Map((await users.findByIds(ids)).map((row) => [row.id, row]));
      return ids.map((id) => found.get(id) ?? null);
    });
  }
}
