import DataLoader from 'dataloader';
import type { Clock } from '../database/clock.js';
import type { TokenRepository } from './token.repository.js';

/** Of tokens that may be seen, whether they can be used right now, in one query for each tick. */
export class TokenActiveByIdLoader extends DataLoader<string, boolean> {
  constructor(tokens: TokenRepository, clock: Clock) {
    super(async (ids) => {
      const sort = { column: 'id', direction: 'ASC' } as const;
      const { rows } = await tokens.page({ ids, active: true }, clock.now(), { first: ids.length }, sort);
      const active = new Set(rows.map(({ id }) => id));
      return ids.map((id) => active.has(id));
    });
  }
}
