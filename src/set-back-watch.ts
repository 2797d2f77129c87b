import type { DatabaseClock } from './database/clock.js';
import { ClockMarkEntity } from './database/clock-mark.entity.js';
import type { Database } from './database/database.js';
import type { Transaction, UnitOfWork } from './database/unit-of-work.js';
import type { Log } from './log.js';

/** How a clock was set back. */
export interface SetBack {
  /** By the clock as it is from now on. */
  readonly now: Date;
  /** At least. */
  readonly byMs: number;
}

/** Stores instants that mean something else once the clock was set back. On SQLite alone. */
export interface Dated {
  /** Makes good what it can, and doubts the rest. */
  clockSetBack(tx: Transaction, setBack: SetBack): Promise<void>;
}

/** Less is what clocks are set right by now and then. */
const GUARD_MS = 5_000;
const MARK = 'newest';

/**
 * On SQLite the hub's clock is that of its machine, and that one can be set back: while the hub runs the monotonic clock
 * tells, at a start the newest instant that is stored.
 */
export class SetBackWatch {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: DatabaseClock,
    private readonly dated: readonly Dated[],
    private readonly log: Log,
  ) {}

  /** Before anything is decided by time. */
  async start(): Promise<void> {
    if (this.database.dialect !== 'sqlite') return;
    const mark = await this.database.manager.findOneBy(ClockMarkEntity, { id: MARK });
    const now = this.clock.now();
    await this.look(now, (mark?.newestMs ?? 0) - now.getTime());
    this.clock.onMeasured((measured, backMs) => this.look(measured, backMs));
  }

  private async look(now: Date, backMs: number): Promise<void> {
    const isSetBack = backMs > GUARD_MS;
    await this.unitOfWork.run(async (tx) => {
      for (const each of isSetBack ? this.dated : []) await each.clockSetBack(tx, { now, byMs: backMs });
      await tx.manager.upsert(ClockMarkEntity, { id: MARK, newestMs: now.getTime() }, ['id']);
    });
    if (!isSetBack) return;
    const message = 'the clock of this machine was set back: every token that can be renewed is renewed';
    this.log.warn({ bySeconds: Math.round(backMs / 1000) }, message);
  }
}
