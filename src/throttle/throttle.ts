import { Raw } from 'typeorm';
import { deleteInBatches } from '../database/delete-in-batches.js';
import { nowMsSql } from '../database/dialect.js';
import type { Dialect } from '../database/target.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { RateLimitedError } from '../errors.js';
import type { Dated } from '../set-back-watch.js';
import { sha256 } from '../sha256.js';
import { ThrottleCounterEntity } from './throttle-counter.entity.js';

/** So many attempts in each window, which begins with the first of them. */
export interface ThrottleLimit {
  /** What is limited and for whom. */
  readonly key: readonly string[];
  readonly max: number;
  readonly windowMs: number;
}

/**
 * Counts attempts on database time, for all replicas together.
 *
 * An attempt is counted before it is made, by one conditional UPDATE, so that parallel attempts cannot pass together.
 */
export class Throttle implements Dated {
  private readonly now: string;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    dialect: Dialect,
  ) {
    this.now = nowMsSql(dialect);
  }

  /**
   * Counts one attempt against every limit, or against none when one of them is used up.
   *
   * @throws RateLimitedError
   */
  async reserve(limits: readonly ThrottleLimit[]): Promise<void> {
    const counters = limits.map((limit) => ({ ...limit, id: counterId(limit) }));
    // One order for everybody, so that two attempts wait for each other instead of dying of a deadlock.
    counters.sort((a, b) => (a.id < b.id ? -1 : 1));
    await this.unitOfWork.run(async (tx) => {
      for (const { id, max, windowMs } of counters) {
        if (await this.count(tx, id, max, windowMs)) continue;
        await this.ensure(tx, id);
        if (await this.count(tx, id, max, windowMs)) continue;
        throw await this.refusal(tx, id);
      }
    });
  }

  /** Takes an attempt back that turned out harmless. */
  async giveBack(limits: readonly ThrottleLimit[]): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      for (const id of limits.map(counterId).sort()) {
        await tx.manager
          .createQueryBuilder()
          .update(ThrottleCounterEntity)
          .set({ count: () => 'count - 1' })
          .where('id = :id AND count > 0', { id })
          .execute();
      }
    });
  }

  /** Forgets every attempt counted against the limit. */
  async clear(limit: ThrottleLimit): Promise<void> {
    await this.unitOfWork.run((tx) => tx.manager.delete(ThrottleCounterEntity, { id: counterId(limit) }));
  }

  /** Removes counters whose window is over: they count nothing any more. */
  async purge(): Promise<void> {
    const isOver = Raw((windowEndsAtMs) => `${windowEndsAtMs} <= ${this.now}`);
    await deleteInBatches(this.unitOfWork, ThrottleCounterEntity, { windowEndsAtMs: isOver });
  }

  /** Counts anew: windows that ended in the future of before would hold people up for as much longer. */
  clockSetBack(tx: Transaction): Promise<void> {
    return this.countAnew(tx);
  }

  /** Forgets every attempt of everybody. */
  async countAnew(tx: Transaction): Promise<void> {
    await tx.manager.createQueryBuilder().delete().from(ThrottleCounterEntity).execute();
  }

  private async count(tx: Transaction, id: string, max: number, windowMs: number): Promise<boolean> {
    const counted = await tx.manager
      .createQueryBuilder()
      .update(ThrottleCounterEntity)
      .set({
        // Before windowEndsAtMs: MySQL assigns from left to right, and this one reads the old window.
        count: () => `CASE WHEN windowEndsAtMs <= ${this.now} THEN 1 ELSE count + 1 END`,
        windowEndsAtMs: () =>
          `CASE WHEN windowEndsAtMs <= ${this.now} THEN ${this.now} + :windowMs ELSE windowEndsAtMs END`,
      })
      .where(`id = :id AND (windowEndsAtMs <= ${this.now} OR count < :max)`, { id, max, windowMs })
      .execute();
    return counted.affected === 1;
  }

  /** An upsert, because a failed INSERT would leave a shared lock on MySQL, and two of those are a deadlock. */
  private async ensure(tx: Transaction, id: string): Promise<void> {
    await tx.manager
      .createQueryBuilder()
      .insert()
      .into(ThrottleCounterEntity)
      .values({ id, count: 0, windowEndsAtMs: 0 })
      .orUpdate(['id'], ['id'])
      .execute();
  }

  private async refusal(tx: Transaction, id: string): Promise<RateLimitedError> {
    const { now, windowEndsAtMs } = (await tx.manager
      .createQueryBuilder(ThrottleCounterEntity, 'counter')
      .select('counter.windowEndsAtMs', 'windowEndsAtMs')
      .addSelect(this.now, 'now')
      .where({ id })
      .getRawOne<Record<'now' | 'windowEndsAtMs', number | string>>()) ?? { now: 0, windowEndsAtMs: 0 };
    const retryAt = new Date(Number(windowEndsAtMs));
    const message = `Too many attempts: try again after ${retryAt.toISOString()}.`;
    return new RateLimitedError(message, retryAt, new Date(Number(now)));
  }
}

function counterId({ key }: ThrottleLimit): string {
  return sha256(JSON.stringify(key));
}
