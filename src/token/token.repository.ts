import { setImmediate as nextTurn } from 'node:timers/promises';
import { Between, type FindOptionsWhere, In, IsNull, LessThanOrEqual, MoreThan, Not } from 'typeorm';
import { ClientEntity } from '../client/client.entity.js';
import type { Database, Reader } from '../database/database.js';
import { BATCH_SIZE, deleteBatch } from '../database/delete-in-batches.js';
import { forUpdate, isUniqueViolation } from '../database/dialect.js';
import { fetchPage, type Page, type PageRequest, type Sort } from '../database/page.js';
import { fetchPageForEach, type PagesByParent } from '../database/page-for-each.js';
import type { Transaction } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import { ProviderEntity } from '../provider/provider.entity.js';
import { ExchangeAttemptEntity } from './exchange-attempt.entity.js';
import { filterTokens, HUB_IDS_SQL, type TokenFilter } from './token-filter.js';
import { NEVER } from './token-status.js';
import type { TokensSeen } from './token-visibility.js';
import { TokenLabelEntity } from './token-label.entity.js';
import { TokenEntity } from './token.entity.js';

/** What tokens hang on. */
export type TokenOwner = { providerId: string; useProviderClient?: true } | { clientId: string };

export type NamedToken = Pick<TokenEntity, 'id' | 'name'>;

/** Read from the index alone. Not fewer: MariaDB may walk through those before `after` each time. */
const IDS_AT_ONCE = 1_000;

/** Nobody's: no lease, and not set aside. */
export const UNLEASED = { leaseOwner: null, leaseUntilMs: 0 };
export const FREE = { ...UNLEASED, reservedBy: null };

export class TokenRepository {
  constructor(private readonly database: Database) {}

  findById(id: string, reader: Reader = this.database): Promise<TokenEntity | null> {
    return reader.manager.findOneBy(TokenEntity, { id });
  }

  findByIds(ids: readonly string[], { ids: seen, providerIds, userId }: TokensSeen = {}): Promise<TokenEntity[]> {
    return this.database.manager.findBy(TokenEntity, {
      id: In(seen ? ids.filter((id) => seen.includes(id)) : [...ids]),
      ...(userId === undefined ? {} : { userId }),
      ...(providerIds ? { providerId: In([...providerIds]) } : {}),
    });
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

  /**
   * Of each client its newest tokens that can be used, the newest first.
   *
   * @param limit for each client
   * @param seen whose tokens alone count
   */
  async newestActive(
    clientIds: readonly string[],
    now: Date,
    limit: number,
    { ids: seenIds, providerIds, userId }: TokensSeen = {},
  ): Promise<TokenEntity[]> {
    const active = this.database.manager.createQueryBuilder(TokenEntity, 'token');
    const seen: TokenFilter = {
      ...(userId === undefined ? {} : { userIds: [userId] }),
      ...(seenIds ? { ids: seenIds } : {}),
      ...(providerIds ? { providerIds: [...providerIds] } : {}),
    };
    filterTokens(active, { ...seen, active: true, clientIds: [...clientIds] }, now);
    if (clientIds.length === 1) return active.orderBy('token.id', 'DESC').limit(limit).getMany();
    const ranked = active
      .select('token.id', 'id')
      .addSelect('ROW_NUMBER() OVER (PARTITION BY token.clientId ORDER BY token.id DESC)', 'place');
    const newest = await this.database.manager
      .createQueryBuilder()
      .select('ranked.id', 'id')
      .from(`(${ranked.getQuery()})`, 'ranked')
      .where('ranked.place <= :limit', { limit })
      .setParameters(ranked.getParameters())
      .getRawMany<{ id: string }>();
    const ids = In(newest.map(({ id }) => id));
    return this.database.manager.find(TokenEntity, { where: { id: ids }, order: { id: 'DESC' } });
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
   * @returns false when it is not as it was read: it may hold something else that is to be revoked
   */
  revoke(tx: Transaction, { id, version }: TokenEntity, now: Date): Promise<boolean> {
    return this.endWhere(tx, 'id = :id AND version = :version', { id, version }, now);
  }

  /**
   * Ends a token that the hub has issued: all its values hang on that.
   *
   * @returns false when it was revoked before
   */
  end(tx: Transaction, id: string, now: Date): Promise<boolean> {
    return this.endWhere(tx, 'id = :id', { id }, now);
  }

  /** Those that the hub has issued for the user, and that are not revoked. */
  issuedOf(tx: Transaction, userId: string): Promise<Pick<TokenEntity, 'id' | 'name'>[]> {
    return tx.manager
      .createQueryBuilder(TokenEntity, 'token')
      .select(['token.id', 'token.name'])
      .where({ userId, revokedAt: IsNull() })
      .andWhere(`token.providerId IN ${HUB_IDS_SQL}`)
      .orderBy('token.id')
      .getMany();
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

  /**
   * Deletes the tokens with all that is theirs, in short statements.
   *
   * @returns those that were there, a batch at a time
   */
  async *deleteAllOf(tx: Transaction, owner: TokenOwner): AsyncGenerator<NamedToken[]> {
    const lock = forUpdate(this.database.dialect);
    for await (const batch of this.batchesOf(owner, tx)) {
      const where = { ...owner, id: In(batch) };
      // The token before its attempts, as whoever works on one: otherwise two would wait for each other.
      const found = await tx.manager.find(TokenEntity, { select: { id: true, name: true }, where, ...lock });
      const ids = In(found.map(({ id }) => id));
      // Of these a token may have thousands.
      while (await deleteBatch(tx, ExchangeAttemptEntity, { tokenId: ids }));
      await tx.manager.delete(TokenEntity, { id: ids });
      yield found;
    }
  }

  /** What is sealed of them; whatever else there is of them stays. */
  async forgetAccessTokens(tx: Transaction, clientRowId: string): Promise<void> {
    await tx.manager.update(TokenEntity, { clientId: clientRowId, accessToken: Not(IsNull()) }, { accessToken: null });
  }

  /**
   * What has been waiting after failures is tried now, as somebody has mended something.
   *
   * @param since what was written since then has its own plan
   */
  async retryNow(tx: Transaction, owner: TokenOwner, ids: readonly string[], since: Date): Promise<void> {
    const planned = Between(since, new Date(NEVER.getTime() - 1));
    // What is set aside is tried at this moment.
    const waiting = { failures: MoreThan(0), nextRefreshAt: planned, reservedBy: IsNull() };
    const which = { ...writtenBefore(since, owner, ids), ...waiting };
    await tx.manager.update(TokenEntity, which, { nextRefreshAt: since });
  }

  /**
   * What the tokens' exchanges go through has changed: the outcome of the last one tells nothing any more.
   *
   * @param since what was written since then may tell of an exchange since
   */
  async forgetConnectionState(tx: Transaction, owner: TokenOwner, ids: readonly string[], since: Date): Promise<void> {
    await this.retryNow(tx, owner, ids, since);
    const known = { ...writtenBefore(since, owner, ids), connectionState: In(['CONNECTED', 'ERROR']) };
    await tx.manager.update(TokenEntity, known, { connectionState: 'DEFAULT' });
  }

  /** Ids of the tokens of this provider or client, as many as one statement shall be about. */
  async *batchesOf(owner: TokenOwner, reader: Reader = this.database): AsyncGenerator<string[]> {
    // What an index holds: nothing else is read.
    const by = 'clientId' in owner ? { clientId: owner.clientId } : { providerId: owner.providerId };
    for (let after: string | undefined = ''; after !== undefined;) {
      const where: FindOptionsWhere<TokenEntity> = { ...by, id: MoreThan(after) };
      const order = { id: 'ASC' } as const;
      const found = await reader.manager.find(TokenEntity, { select: { id: true }, where, order, take: IDS_AT_ONCE });
      const ids = found.map(({ id }) => id);
      for (let start = 0; start < ids.length; start += BATCH_SIZE) {
        yield ids.slice(start, start + BATCH_SIZE);
        // SQLite answers without a wait: whatever else the process has to do gets its turn.
        await nextTurn();
      }
      after = ids.length === IDS_AT_ONCE ? ids.at(-1) : undefined;
    }
  }

  /** The background looks at it at once; where it is set aside, when that has ended. */
  async planAnew(tx: Transaction, id: string, now: Date): Promise<void> {
    // Until then `nextRefreshAt` is the end of the reservation, by which it is counted.
    const free = { id, reservedBy: IsNull(), revokedAt: IsNull() };
    await tx.manager.update(TokenEntity, free, { nextRefreshAt: now });
  }

  private async endWhere(tx: Transaction, where: string, values: object, now: Date): Promise<boolean> {
    const wiped = { accessToken: null, refreshToken: null, idToken: null, login: null, renewable: false };
    const ended = { revokedAt: now, updatedAt: now, nextRefreshAt: NEVER, ...FREE, version: () => 'version + 1' };
    const result = await tx.manager
      .createQueryBuilder()
      .update(TokenEntity)
      .set({ ...wiped, ...ended })
      .where(`${where} AND revokedAt IS NULL`, values)
      .execute();
    return result.affected === 1;
  }
}

function writtenBefore(instant: Date, owner: TokenOwner, ids: readonly string[]): FindOptionsWhere<TokenEntity> {
  return { ...owner, id: In([...ids]), updatedAt: LessThanOrEqual(instant) };
}

function nameTaken(name: string, cause: unknown): UserError {
  const message = `Another token is called ${name}: choose another name, or change that one.`;
  return new UserError({ code: 'TAKEN', field: ['name'], message }, { cause });
}
