import type { DueWork } from '../background/engine.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import type { Clock } from '../database/clock.js';
import type { ExchangeAttemptRepository } from './exchange-attempt.repository.js';
import type { TokenLeaseRepository } from './token-lease.repository.js';

/** A commit whose confirmation was lost may still arrive for a while. */
const MAY_ARRIVE_MS = 60_000;

interface Unsent {
  attemptId: string;
  tokenId: string;
  /** On the monotonic clock. */
  forgetAt: number;
}

/**
 * Leases of which nobody knows whether they were taken, as the database went away, and by which nothing was sent: they are
 * given back when it is there again, so that nobody takes their outcome for unknown.
 */
export class UnsentLeases implements DueWork {
  readonly name = 'leases that were not used';
  private readonly known = new Set<Unsent>();

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly stored: { leases: TokenLeaseRepository; attempts: ExchangeAttemptRepository },
    private readonly clock: Clock,
  ) {}

  add(attemptId: string, tokenId: string): void {
    this.known.add({ attemptId, tokenId, forgetAt: performance.now() + MAY_ARRIVE_MS });
  }

  async runDue(): Promise<number> {
    for (const each of this.known) {
      const isOver = performance.now() > each.forgetAt;
      if ((await this.giveBack(each)) || isOver) this.known.delete(each);
    }
    return 0;
  }

  /** @returns whether it had been taken, and is not any more */
  private giveBack({ attemptId, tokenId }: Unsent): Promise<boolean> {
    return this.unitOfWork.run(async (tx) => {
      await this.stored.leases.giveBack(tx, tokenId, attemptId);
      return (await this.stored.attempts.finish(tx, [attemptId], 'NOT_SENT', this.clock.now())) > 0;
    });
  }
}
