import { Between, type FindOptionsWhere, In, LessThanOrEqual, MoreThan, Not } from 'typeorm';
import type { Database, Reader } from '../database/database.js';
import type { Transaction } from '../database/unit-of-work.js';
import { NEVER } from './token-status.js';
import { TokenEntity } from './token.entity.js';

/** Work that is due, and where it is done. */
export type DueToken = Pick<TokenEntity, 'id' | 'providerId' | 'clientId'>;

/** Tokens as work that falls due: by `nextRefreshAt`. */
export class TokenQueueRepository {
  constructor(private readonly database: Database) {}

  /**
   * What is due, and what has waited longest first.
   *
   * @param spared ids of providers and clients at which nothing can be done now
   */
  due(reader: Reader, now: Date, spared: readonly string[], limit: number): Promise<DueToken[]> {
    return reader.manager.find(TokenEntity, {
      select: { id: true, providerId: true, clientId: true },
      where: dueBut(spared, now),
      order: { nextRefreshAt: 'ASC', id: 'ASC' },
      take: limit,
    });
  }

  /** How many of each provider are set aside, by whichever replica. */
  async reserved(tx: Transaction, now: Date): Promise<Map<string, number>> {
    const rows = await tx.manager
      .createQueryBuilder(TokenEntity, 'token')
      .select('token.providerId', 'providerId')
      .addSelect('COUNT(*)', 'count')
      // Any owner, said so that SQLite goes by the index (reservedBy, providerId); IS NOT NULL makes it walk all tokens.
      .where({ reservedBy: MoreThan(''), nextRefreshAt: MoreThan(now) })
      .groupBy('token.reservedBy')
      .addGroupBy('token.providerId')
      .getRawMany<{ providerId: string; count: string | number }>();
    const counts = new Map<string, number>();
    for (const { count, providerId } of rows) counts.set(providerId, (counts.get(providerId) ?? 0) + Number(count));
    return counts;
  }

  /**
   * Sets these aside for one replica: until then no other one takes them.
   *
   * @returns the rows that were still due, oldest id first
   */
  async reserve(
    tx: Transaction,
    ids: readonly string[],
    owner: string,
    { now, until }: { now: Date; until: Date },
  ): Promise<TokenEntity[]> {
    if (ids.length === 0) return [];
    const due = { id: In([...ids]), nextRefreshAt: LessThanOrEqual(now) };
    await tx.manager.update(TokenEntity, due, { nextRefreshAt: until, reservedBy: owner });
    const where = { id: In([...ids]), nextRefreshAt: until, reservedBy: owner };
    return tx.manager.find(TokenEntity, { where, order: { id: 'ASC' } });
  }

  countDue(now: Date): Promise<number> {
    return this.database.manager.countBy(TokenEntity, { nextRefreshAt: LessThanOrEqual(now) });
  }

  /** When that fell due which has waited longest. */
  async longestDue(now: Date, spared: readonly string[] = []): Promise<Date | null> {
    const [first] = await this.database.manager.find(TokenEntity, {
      select: { id: true, nextRefreshAt: true },
      where: dueBut(spared, now),
      order: { nextRefreshAt: 'ASC', id: 'ASC' },
      take: 1,
    });
    return first?.nextRefreshAt ?? null;
  }

  /** Of those that are renewed by themselves. */
  async soonestExpiry(now: Date): Promise<Date | null> {
    const [first] = await this.database.manager.find(TokenEntity, {
      select: { id: true, sortExpiresAt: true },
      where: { sortExpiresAt: Between(now, NEVER), renewable: true, autoRefresh: true, enabled: true },
      order: { sortExpiresAt: 'ASC', id: 'ASC' },
      take: 1,
    });
    return first && first.sortExpiresAt < NEVER ? first.sortExpiresAt : null;
  }

  /**
   * Puts off what was set aside, unless something has come between. What was changed by hand meanwhile is due at once, as
   * it was put off by what stood there before.
   */
  async postpone(
    tx: Transaction,
    { id, nextRefreshAt: seen, version }: TokenEntity,
    { now, until }: { now: Date; until: Date },
  ): Promise<void> {
    const setAside = { id, nextRefreshAt: seen };
    const free = { reservedBy: null };
    const asRead = await tx.manager.update(TokenEntity, { ...setAside, version }, { nextRefreshAt: until, ...free });
    if (asRead.affected === 0) await tx.manager.update(TokenEntity, setAside, { nextRefreshAt: now, ...free });
  }
}

function dueBut(spared: readonly string[], now: Date): FindOptionsWhere<TokenEntity> {
  const elsewhere = spared.length > 0 ? { providerId: Not(In([...spared])), clientId: Not(In([...spared])) } : {};
  return { nextRefreshAt: LessThanOrEqual(now), ...elsewhere };
}
