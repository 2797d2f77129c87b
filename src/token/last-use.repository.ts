import { marks } from '../database/update-each.js';
import type { Transaction } from '../database/unit-of-work.js';
import { TokenEntity } from './token.entity.js';

/** When a token was used. */
export interface TokenUse {
  readonly tokenId: string;
  readonly at: Date;
}

/** Tokens as what was last used at some time. */
export class LastUseRepository {
  /**
   * In one statement, which touches nothing but these columns, so that it comes into no other writer's way. Later instants
   * stay.
   *
   * @param uses each token once
   */
  async markUsed({ manager }: Transaction, uses: readonly TokenUse[]): Promise<void> {
    if (uses.length === 0) return;
    const { driver } = manager.connection;
    const column = manager.connection.getMetadata(TokenEntity).findColumnWithPropertyName('lastUsedAt');
    if (!column) throw new TypeError('Tokens have no column lastUsedAt');
    const ids = uses.map(({ tokenId }) => tokenId);
    const instants = uses.flatMap(({ at, tokenId }) => [tokenId, driver.preparePersistentValue(at, column) as unknown]);
    const instant = `CASE id ${'WHEN ? THEN ? '.repeat(uses.length)}END`;
    await manager.query(
      `UPDATE token SET lastUsedAt = ${instant}, sortLastUsedAt = ${instant} ` +
        `WHERE id IN (${marks(ids)}) AND sortLastUsedAt < ${instant}`,
      [...instants, ...instants, ...ids, ...instants],
    );
  }
}
