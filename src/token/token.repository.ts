import { Between, In, IsNull, LessThan, MoreThan, Not } from 'typeorm';
import { ClientEntity } from '../client/client.entity.js';
import type { Database, Reader } from '../database/database.js';
import { isUniqueViolation } from '../database/dialect.js';
import { fetchPage, type Page, type PageRequest, type Sort } from '../database/page.js';
import { fetchPageForEach, type PagesByParent } from '../database/page-for-each.js';
import type { Transaction } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import { ProviderEntity } from '../provider/provider.entity.js';
import { filterTokens, type TokenFilter } from './token-filter.js';
import { NEVER } from './token-status.js';
import type { TokensSeen } from './token-visibility.js';
import { RefreshPauseEntity } from './refresh-pause.entity.js';
import { TokenLabelEntity } from './token-label.entity.js';
import { TokenEntity } from './token.entity.js';

/** What tokens hang on. */
export type TokenOwner = { providerId: string; useProviderClient?: true } | { clientId: string };

/** Nobody's: no lease, and not set aside. */
export const FREE = { leaseOwner: null, leaseUntilMs: 0, reservedBy: null };

/** Rows in one statement: databases limit the parameters of one. */
const AT_ONCE = 500;

export class TokenRepository {
  constructor(private readonly database: Database) {}

  findById(id: string, reader: Reader = this.database): Promise<TokenEntity | null> {
    return reader.manager.findOneBy(TokenEntity, { id });
  }

  /** With its provider and client, in one statement. */
  findWithParties(by: { id: string } | { nameKey: string }): Promise<TokenEntity | null> {
    return this.database.manager
      .createQueryBuilder(TokenEntity, 'token')
      .leftJoinAndMapOne('token.provider', ProviderEntity, 'provider', 'provider.id = token.providerId')
      .leftJoinAndMapOne('token.client', ClientEntity, 'client', 'client.id = token.clientId')
      .where(by)
      .getOne();
  }

  countOf(owner: TokenOwner, reader: Reader = this.database): Promise<number> {
    return reader.manager.countBy(TokenEntity, { ...owner });
  }

  /** Those whose credential was obtained with the client and may still be used. */
  countConnected(clientId: string, reader: Reader = this.database): Promise<number> {
    return reader.manager.countBy(TokenEntity, { clientId, revokedAt: IsNull(), issuedAt: Not(IsNull()) });
  }

  page(filter: TokenFilter, now: Date, request: PageRequest, sort: Sort<TokenEntity>): Promise<Page<TokenEntity>> {
    const query = this.database.manager.createQueryBuilder(TokenEntity, 'token');
    filterTokens(query, filter, now);
    return fetchPage(query, request, sort);
  }

  /**
   * The same page of the tokens of each client or user, in as many queries as for one.
   *
   * @param seen what the tokens on the pages have in common
   */
  pageForEach(
    parentColumn: 'clientId' | 'userId',
    parentIds: readonly string[],
    request: PageRequest,
    sort: Sort<TokenEntity>,
    { ids, providerIds, userId }: TokensSeen = {},
  ): Promise<PagesByParent<TokenEntity>> {
    const seen = {
      ...(userId === undefined ? {} : { userId }),
      ...(ids ? { id: In([...ids]) } : {}),
      ...(providerIds ? { providerId: In([...providerIds]) } : {}),
    };
    return fetchPageForEach(this.database, TokenEntity, parentColumn, parentIds, request, sort, seen);
  }

  labelsOf(tokenIds: readonly string[]): Promise<TokenLabelEntity[]> {
    return this.database.manager.find(TokenLabelEntity, {
      where: { tokenId: In([...tokenIds]) },
      order: { name: 'ASC' },
    });
  }

  /** @throws UserError TAKEN when another token has the name */
  async insert(tx: Transaction, row: TokenEntity): Promise<void> {
    try {
      await tx.manager.insert(TokenEntity, row);
    } catch (error) {
      throw isUniqueViolation(error) ? nameTaken(row.name, error) : error;
    }
  }

  /**
   * These columns on whatever version is there: an exchange that ends at the same moment changes others.
   *
   * @returns null when the row is gone
   * @throws UserError TAKEN
   */
  async overwrite(tx: Transaction, id: string, changes: Partial<TokenEntity>, now: Date): Promise<TokenEntity | null> {
    const stamped = { ...changes, version: () => 'version + 1', updatedAt: now } as object;
    try {
      await tx.manager.createQueryBuilder().update(TokenEntity).set(stamped).where('id = :id', { id }).execute();
    } catch (error) {
      throw isUniqueViolation(error) ? nameTaken(changes.name ?? '', error) : error;
    }
    return this.findById(id, tx);
  }

  /**
   * Ends the token: it keeps its history and nothing that could be used.
   *
   * @returns false when it has another credential than the one that was read, or was revoked meanwhile
   */
  async revoke(tx: Transaction, { generation, id }: TokenEntity, now: Date): Promise<boolean> {
    const wiped = { accessToken: null, refreshToken: null, idToken: null, login: null, renewable: false };
    const ended = { revokedAt: now, updatedAt: now, nextRefreshAt: NEVER, ...FREE, version: () => 'version + 1' };
    const result = await tx.manager
      .createQueryBuilder()
      .update(TokenEntity)
      .set({ ...wiped, ...ended })
      .where('id = :id AND generation = :generation AND revokedAt IS NULL', { id, generation })
      .execute();
    return result.affected === 1;
  }

  async setLabels(tx: Transaction, tokenId: string, labels: readonly { name: string; value: string }[]): Promise<void> {
    await tx.manager.delete(TokenLabelEntity, { tokenId });
    await tx.manager.insert(
      TokenLabelEntity,
      labels.map(({ name, value }) => ({ tokenId, name, value })),
    );
  }

  async delete(tx: Transaction, id: string): Promise<void> {
    await tx.manager.delete(TokenEntity, { id });
  }

  /** @returns those that were there */
  async deleteAllOf(tx: Transaction, owner: TokenOwner): Promise<Pick<TokenEntity, 'id' | 'name'>[]> {
    const found = await tx.manager.find(TokenEntity, {
      select: { id: true, name: true },
      where: { ...owner },
      order: { id: 'ASC' },
    });
    for (let start = 0; start < found.length; start += AT_ONCE) {
      const ids = found.slice(start, start + AT_ONCE).map(({ id }) => id);
      await tx.manager.delete(TokenEntity, { id: In(ids) });
    }
    return found;
  }

  /** After a change of what the tokens' exchanges go through: the outcome of the last one tells nothing any more. */
  async forgetConnectionState(tx: Transaction, owner: TokenOwner): Promise<void> {
    await tx.manager.update(
      TokenEntity,
      { ...owner, connectionState: In(['CONNECTED', 'ERROR']) },
      { connectionState: 'DEFAULT' },
    );
  }

  /** What has been waiting after failures is tried now: somebody has mended something. */
  async retryNow(tx: Transaction, owner: TokenOwner, now: Date): Promise<void> {
    const planned = Between(now, new Date(NEVER.getTime() - 1));
    // What is set aside is tried at this moment.
    const waiting = { ...owner, failures: MoreThan(0), nextRefreshAt: planned, reservedBy: IsNull() };
    await tx.manager.update(TokenEntity, waiting, { nextRefreshAt: now });
    const paused = 'clientId' in owner ? owner.clientId : owner.providerId;
    await tx.manager.delete(RefreshPauseEntity, { id: paused });
  }

  /** Touches nothing but these columns, so that it comes into no other writer's way; later instants stay. */
  async markUsed(tx: Transaction, uses: readonly { tokenId: string; at: Date }[]): Promise<void> {
    for (const { at, tokenId } of uses) {
      await tx.manager.update(
        TokenEntity,
        { id: tokenId, sortLastUsedAt: LessThan(at) },
        { lastUsedAt: at, sortLastUsedAt: at },
      );
    }
  }

  /** The oldest first. */
  revokedBefore(before: Date, limit: number, reader: Reader): Promise<Pick<TokenEntity, 'id' | 'name'>[]> {
    return reader.manager.find(TokenEntity, {
      select: { id: true, name: true },
      where: { revokedAt: LessThan(before) },
      order: { revokedAt: 'ASC', id: 'ASC' },
      take: limit,
    });
  }
}

function nameTaken(name: string, cause: unknown): UserError {
  const message = `Another token is called ${name}: choose another name, or change that one.`;
  return new UserError({ code: 'TAKEN', field: ['name'], message }, { cause });
}
