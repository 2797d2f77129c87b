import type { DueWork } from '../background/engine.js';
import type { Clock } from '../database/clock.js';
import { LEASE_MS } from './exchange-lease.js';
import type { ExchangeRecovery } from './exchange-recovery.service.js';

/** A replica that is alive, and reaches the database, has ended by then what it has sent, clocks that differ included. */
const ENDED_MS = LEASE_MS + 10_000;

/** As far as it is used here. */
interface Identity {
  readonly id: string;
  readonly former: readonly string[];
  forgetFormer(): void;
}

/**
 * Ends what this replica has left in its life before this one, and under the ids of former ones, whose spool it has
 * drained. One of those may be alive, as its folder may have been copied: what it is still at is left to it.
 */
export class FormerLives implements DueWork {
  readonly name = 'former lives of this replica';
  /** Ids of attempts of the life before this one that could not be ended yet. */
  private left: ReadonlySet<string> = new Set();
  /** On the monotonic clock: since then the database has not been away. */
  private reachedSince = performance.now();

  constructor(
    private readonly identity: Identity,
    private readonly recovery: ExchangeRecovery,
    private readonly clock: Clock,
  ) {}

  /** Before this life sends anything; what cannot be ended then is tried again. */
  async endLast(): Promise<void> {
    this.left = new Set(await this.recovery.reclaim(this.identity.id));
  }

  async runDue(): Promise<number> {
    try {
      await this.endLeft();
      await this.endElsewhere();
      return 0;
    } catch (error) {
      // Whoever else is alive may have answers on disk, which take a while to arrive.
      this.reachedSince = performance.now();
      throw error;
    }
  }

  private async endLeft(): Promise<void> {
    if (this.left.size === 0) return;
    this.left = new Set(await this.recovery.reclaim(this.identity.id, ({ id }) => this.left.has(id)));
  }

  /** It is asked each time, so that a database that goes away is noticed. */
  private async endElsewhere(): Promise<void> {
    const { former } = this.identity;
    const isLongEnough = performance.now() - this.reachedSince > ENDED_MS;
    const ended = new Date(this.clock.now().getTime() - ENDED_MS);
    const left: string[] = [];
    for (const id of former)
      left.push(...(await this.recovery.reclaim(id, ({ startedAt }) => isLongEnough && startedAt < ended)));
    if (former.length > 0 && isLongEnough && left.length === 0) this.identity.forgetFormer();
  }
}
