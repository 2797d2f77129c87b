import { And, type FindOptionsWhere, In, LessThan, LessThanOrEqual, MoreThan } from 'typeorm';
import type { Database, Reader } from '../database/database.js';
import { byIndex } from '../database/dialect.js';
import type { Transaction } from '../database/unit-of-work.js';
import { NEVER } from './token-status.js';
import { TokenEntity } from './token.entity.js';

/** Work that is due, and where it is done. */
export type DueToken = Pick<TokenEntity, 'id' | 'providerId' | 'clientId'>;

/** Where work waits. */
export type Place = Pick<TokenEntity, 'providerId' | 'clientId'>;

/** How many renewals its provider can be given now; none where the client cannot. */
export type RoomAt = (place: Place) => number;

/** So much of what is due is looked at without regard to where it waits: most of the time that is all. */
const FIRST_LOOK = 256;
/** Of what has expired so much is counted: more tells nothing more. */
export const MOST_EXPIRED = 10_000;

const RENEWED = { renewable: true, autoRefresh: true, enabled: true };
const OF_CLIENT = 'ix_token_client_next_refresh_at';

/** Tokens as work that falls due: by `nextRefreshAt`. */
export class TokenQueueRepository {
  constructor(private readonly database: Database) {}

  /**
   * What is due where there is room, and what has waited longest first: enough of it that whoever goes through it fills
   * the rooms, or comes to the limit. What waits where there is none costs nothing, however much it is.
   */
  async due(reader: Reader, now: Date, roomAt: RoomAt, limit: number): Promise<DueToken[]> {
    const first = await reader.manager.find(TokenEntity, {
      select: { id: true, providerId: true, clientId: true },
      where: { nextRefreshAt: LessThanOrEqual(now) },
      order: { nextRefreshAt: 'ASC', id: 'ASC' },
      take: FIRST_LOOK,
    });
    if (first.length < FIRST_LOOK) return first.filter((token) => roomAt(token) > 0);
    const places = withRoom(await this.placesOfDue(reader, now), roomAt).slice(0, limit);
    return places.length === 0 ? [] : this.firstOfEach(reader, now, places, roomAt);
  }

  /** @param spared ids of providers and clients at which nothing can be done now */
  async isDue(now: Date, spared: readonly string[]): Promise<boolean> {
    if ((await this.longestDue(now)) === null) return false;
    return spared.length === 0 || (await this.due(this.database, now, roomBut(spared), 1)).length > 0;
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
  async longestDue(now: Date): Promise<Date | null> {
    const [first] = await this.database.manager.find(TokenEntity, {
      select: { id: true, nextRefreshAt: true },
      where: { nextRefreshAt: LessThanOrEqual(now) },
      order: { nextRefreshAt: 'ASC', id: 'ASC' },
      take: 1,
    });
    return first?.nextRefreshAt ?? null;
  }

  /** Of those that are renewed by themselves. */
  async soonestExpiry(now: Date): Promise<Date | null> {
    const [first] = await this.database.manager.find(TokenEntity, {
      select: { id: true, sortExpiresAt: true },
      where: { ...RENEWED, sortExpiresAt: And(MoreThan(now), LessThan(NEVER)) },
      order: { sortExpiresAt: 'ASC', id: 'ASC' },
      take: 1,
    });
    return first?.sortExpiresAt ?? null;
  }

  /** How many have expired of those that are renewed by themselves, `MOST_EXPIRED` at most. */
  async countExpired(now: Date): Promise<number> {
    const { manager } = this.database;
    const where: FindOptionsWhere<TokenEntity> = { ...RENEWED, sortExpiresAt: LessThanOrEqual(now) };
    const some = manager.createQueryBuilder(TokenEntity, 'token').select('token.id', 'id').where(where);
    const expired = some.limit(MOST_EXPIRED);
    const row = await manager
      .createQueryBuilder()
      .select('COUNT(*)', 'count')
      .from(`(${expired.getQuery()})`, 'expired')
      .setParameters(expired.getParameters())
      .getRawOne<{ count: string | number }>();
    return Number(row?.count);
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
  /** The clients whose tokens wait, and those first of which one has waited longest: an entry of the index for each. */
  private placesOfDue(reader: Reader, now: Date): Promise<Place[]> {
    const since = `SELECT token.nextRefreshAt FROM ${this.ofClient()} WHERE token.clientId = client.id ORDER BY token.nextRefreshAt LIMIT 1`;
    const places = `SELECT client.id AS clientId, client.providerId AS providerId, (${since}) AS since FROM client`;
    return reader.manager.query<Place[]>(
      `SELECT clientId, providerId FROM (${places}) AS place WHERE since <= ? ORDER BY since`,
      [this.stored(now)],
    );
  }

  /** Of each place those that have waited longest, as many as it has room for. */
  private async firstOfEach(reader: Reader, now: Date, places: readonly Place[], roomAt: RoomAt): Promise<DueToken[]> {
    const columns = 'token.id, token.providerId, token.clientId, token.nextRefreshAt';
    const due = 'token.clientId = ? AND token.nextRefreshAt <= ? ORDER BY token.nextRefreshAt, token.id';
    const each = places.map((place, index) => {
      const first = `SELECT ${columns} FROM ${this.ofClient()} WHERE ${due} LIMIT ${roomAt(place)}`;
      return `SELECT * FROM (${first}) AS place${index}`;
    });
    const parameters = places.flatMap(({ clientId }) => [clientId, this.stored(now)]);
    const sql = `${each.join(' UNION ALL ')} ORDER BY nextRefreshAt, id`;
    return reader.manager.query<DueToken[]>(sql, parameters);
  }

  /** Named, as a server chooses by what it knows of a table that changes each second. */
  private ofClient(): string {
    return `token ${byIndex(this.database.dialect, OF_CLIENT)}`;
  }

  private stored(instant: Date): unknown {
    const { manager } = this.database;
    const column = manager.dataSource.getMetadata(TokenEntity).findColumnWithPropertyName('nextRefreshAt');
    return column ? manager.dataSource.driver.preparePersistentValue(instant, column) : instant;
  }
}

function roomBut(spared: readonly string[]): RoomAt {
  const without = new Set(spared);
  return ({ clientId, providerId }) => (without.has(providerId) || without.has(clientId) ? 0 : 1);
}

/** Of each provider no more than it has room for: each of them has something that is due. */
function withRoom(places: readonly Place[], roomAt: RoomAt): Place[] {
  const taken = new Map<string, number>();
  return places.filter((place) => {
    const before = taken.get(place.providerId) ?? 0;
    if (before >= roomAt(place)) return false;
    taken.set(place.providerId, before + 1);
    return true;
  });
}
