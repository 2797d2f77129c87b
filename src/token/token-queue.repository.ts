import { Between, In, LessThanOrEqual, Not } from 'typeorm';
import type { Database } from '../database/database.js';
import type { Transaction } from '../database/unit-of-work.js';
import { NEVER } from './token-status.js';
import { TokenEntity } from './token.entity.js';

/** Which due work to set aside. */
export interface DueClaim {
  /** Database time. */
  now: Date;
  until: Date;
  limit: number;
  /** Where nothing can be sent now. */
  spared: { providerIds: readonly string[]; clientIds: readonly string[] };
}

/** Tokens as work that falls due: by `nextRefreshAt`. */
export class TokenQueueRepository {
  constructor(private readonly database: Database) {}

  /**
   * Sets aside what is due for one replica: until then no other one takes it.
   *
   * @returns the rows, those that have waited longest first
   */
  async reserveDue(tx: Transaction, owner: string, { limit, now, spared, until }: DueClaim): Promise<TokenEntity[]> {
    const due = await tx.manager.find(TokenEntity, {
      select: { id: true },
      where: {
        nextRefreshAt: LessThanOrEqual(now),
        ...(spared.providerIds.length > 0 ? { providerId: Not(In([...spared.providerIds])) } : {}),
        ...(spared.clientIds.length > 0 ? { clientId: Not(In([...spared.clientIds])) } : {}),
      },
      order: { nextRefreshAt: 'ASC', id: 'ASC' },
      take: limit,
    });
    if (due.length === 0) return [];
    const ids = due.map(({ id }) => id);
    await tx.manager.update(
      TokenEntity,
      { id: In(ids), nextRefreshAt: LessThanOrEqual(now) },
      { nextRefreshAt: until, reservedBy: owner },
    );
    return tx.manager.findBy(TokenEntity, { id: In(ids), reservedBy: owner, nextRefreshAt: until });
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
      where: { sortExpiresAt: Between(now, NEVER), renewable: true, autoRefresh: true, enabled: true },
      order: { sortExpiresAt: 'ASC', id: 'ASC' },
      take: 1,
    });
    return first && first.sortExpiresAt < NEVER ? first.sortExpiresAt : null;
  }

  /** Puts off what was set aside, unless something has come between. */
  async postpone(tx: Transaction, { id, nextRefreshAt: seen }: TokenEntity, until: Date): Promise<void> {
    await tx.manager.update(TokenEntity, { id, nextRefreshAt: seen }, { nextRefreshAt: until, reservedBy: null });
  }
}
