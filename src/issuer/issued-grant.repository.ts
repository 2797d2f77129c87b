import { type FindOptionsWhere, IsNull, MoreThan, Not } from 'typeorm';
import type { Database } from '../database/database.js';
import { rawBoolean, rawInstant } from '../database/raw-value.js';
import type { Transaction } from '../database/unit-of-work.js';
import { marks } from '../database/update-each.js';
import type { GrantType } from '../provider/provider-enums.js';
import { TokenEntity } from '../token/token.entity.js';

/** Of a token that the token endpoint gives values of, what decides whether it gives more. */
export type IssuedGrant = Pick<TokenEntity, 'id' | 'enabled' | 'revokedAt' | 'expiresAt'> & { grantKey: string };

/** One token under the key that it was found by. */
export type Keyed = Pick<IssuedGrant, 'id' | 'grantKey'>;

/** Until when it lasts, and how long that is. */
export type Expiry = Pick<TokenEntity, 'expiresAt' | 'sortExpiresAt' | 'expiresIn'>;

const SQL = 'SELECT id, grantKey, enabled, revokedAt, expiresAt FROM token';

/** Tokens by what they grant to whom. */
export class IssuedGrantRepository {
  constructor(private readonly database: Database) {}

  async findByKeys(grantKeys: readonly string[]): Promise<IssuedGrant[]> {
    const sql = `${SQL} WHERE grantKey IN (${marks(grantKeys)})`;
    const rows = await this.database.manager.query<Record<string, unknown>[]>(sql, [...grantKeys]);
    return rows.map((row) => ({
      id: row['id'] as string,
      grantKey: row['grantKey'] as string,
      enabled: rawBoolean(row['enabled']),
      revokedAt: rawInstant(row['revokedAt']),
      expiresAt: rawInstant(row['expiresAt']),
    }));
  }

  /** Whether one of this client and user that has not ended is switched off, for whatever scopes and resource. */
  async isAnyOff(of: { client: { id: string }; userId: string | null; grantType: GrantType }, now: Date) {
    const { client, grantType, userId } = of;
    const where = { ...liveOf(client.id, userId, now), grantType, enabled: false };
    return (await this.countUpTo(1, where)) > 0;
  }

  /** How many live ones the client has on behalf of the user, or of nobody; `most` where there are more. */
  countLive(clientId: string, userId: string | null, now: Date, most: number): Promise<number> {
    return this.countUpTo(most, liveOf(clientId, userId, now));
  }

  private async countUpTo(most: number, where: FindOptionsWhere<TokenEntity>): Promise<number> {
    return (await this.database.manager.find(TokenEntity, { select: { id: true }, where, take: most })).length;
  }

  /** What has been revoked or has expired stays it. @returns false for that */
  async setEnd(tx: Transaction, id: string, end: Expiry, now: Date): Promise<boolean> {
    return (await tx.manager.update(TokenEntity, { id, ...liveAt(now) }, end)).affected === 1;
  }

  /** Whether each of these lives, is on, and has the key that it was found by. @param grants different ones */
  async areLive(tx: Transaction, grants: readonly Keyed[], now: Date): Promise<boolean> {
    const where = grants.map(({ grantKey, id }) => ({ id, grantKey, enabled: true, ...liveAt(now) }));
    return (await tx.manager.countBy(TokenEntity, where)) === grants.length;
  }

  /** One that has ended makes room for the next with the same key. */
  async forgetKey(tx: Transaction, id: string): Promise<void> {
    await tx.manager.update(TokenEntity, { id }, { grantKey: null });
  }

  /** @returns false when it has been renewed or revoked since `before` was read */
  async renew(tx: Transaction, { generation, id }: TokenEntity, columns: Partial<TokenEntity>): Promise<boolean> {
    const stamped = { ...columns, version: () => 'version + 1' } as object;
    const result = await tx.manager
      .createQueryBuilder()
      .update(TokenEntity)
      .set(stamped)
      .where('id = :id AND generation = :generation AND revokedAt IS NULL', { id, generation })
      .execute();
    return result.affected === 1;
  }

  async insert(tx: Transaction, row: TokenEntity): Promise<void> {
    await tx.manager.insert(TokenEntity, row);
  }
}

/** By the index that holds all of these but the key, however many tokens the client and the user have elsewhere. */
function liveOf(clientId: string, userId: string | null, now: Date): FindOptionsWhere<TokenEntity> {
  const ofBoth = { clientId, userId: userId ?? IsNull() };
  return { ...ofBoth, ...liveAt(now), grantKey: Not(IsNull()) };
}

function liveAt(now: Date): FindOptionsWhere<TokenEntity> {
  return { revokedAt: IsNull(), sortExpiresAt: MoreThan(now) };
}
