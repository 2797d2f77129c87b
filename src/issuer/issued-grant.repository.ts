import { IsNull, MoreThan, Not } from 'typeorm';
import type { Database } from '../database/database.js';
import { rawBoolean, rawInstant } from '../database/raw-value.js';
import type { Transaction } from '../database/unit-of-work.js';
import { marks } from '../database/update-each.js';
import type { GrantType } from '../provider/provider-enums.js';
import { TokenEntity } from '../token/token.entity.js';

/** Of a token that the token endpoint gives values of, what decides whether it gives more. */
export type IssuedGrant = Pick<TokenEntity, 'id' | 'enabled' | 'revokedAt' | 'expiresAt'> & { grantKey: string };

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
  isAnyOff(of: { client: { id: string }; userId: string | null; grantType: GrantType }, now: Date): Promise<boolean> {
    const { client, grantType, userId } = of;
    const isOff = { enabled: false, grantKey: Not(IsNull()), revokedAt: IsNull(), sortExpiresAt: MoreThan(now) };
    return this.database.manager.existsBy(TokenEntity, {
      clientId: client.id,
      userId: userId ?? IsNull(),
      grantType,
      ...isOff,
    });
  }

  /** How many live ones the client has on behalf of the user, or of nobody. */
  async countLive(clientId: string, userId: string | null, now: Date): Promise<number> {
    // By the index of the user: a client may have very many of them.
    const whose = userId === null ? { clientId, userId: IsNull() } : { userId };
    const where = { ...whose, grantKey: Not(IsNull()), revokedAt: IsNull(), sortExpiresAt: MoreThan(now) };
    const found = await this.database.manager.find(TokenEntity, { select: { clientId: true }, where });
    return found.filter((token) => token.clientId === clientId).length;
  }

  /** What has been revoked stays it. @returns false for that */
  async setEnd(tx: Transaction, id: string, end: Expiry): Promise<boolean> {
    return (await tx.manager.update(TokenEntity, { id, revokedAt: IsNull() }, end)).affected === 1;
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
