import type { DueWork } from '../background/engine.js';
import type { Clock } from '../database/clock.js';
import { LEASE_MS } from './exchange-lease.js';
import type { ExchangeRecovery } from './exchange-recovery.service.js';

/** A replica that is alive has ended by then what it has sent, clocks that differ included. */
const ENDED_MS = LEASE_MS + 10_000;

/** As far as it is used here. */
interface Identity {
  readonly former: readonly string[];
  forgetFormer(): void;
}

/**
 * Ends what this replica has left under the ids of former lives, whose spool it has drained. One of them may be alive, as
 * its folder may have been copied: what it is still at is left to it.
 */
export class FormerLives implements DueWork {
  readonly name = 'former lives of this replica';
  private readonly startedAt: Date;

  constructor(
    private readonly identity: Identity,
    private readonly recovery: ExchangeRecovery,
    private readonly clock: Clock,
  ) {
    this.startedAt = clock.now();
  }

  async runDue(): Promise<number> {
    const { former } = this.identity;
    if (former.length === 0) return 0;
    const ended = new Date(this.clock.now().getTime() - ENDED_MS);
    for (const id of former) await this.recovery.reclaim(id, ended);
    if (ended > this.startedAt) this.identity.forgetFormer();
    return 0;
  }
}
