import type { Clock } from '../database/clock.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import type { Throttle } from '../throttle/throttle.js';
import type { SessionRepository } from './session.repository.js';

/** Housekeeping: removes what has expired and means nothing any more. */
export class SessionPurge {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sessions: SessionRepository,
    private readonly throttle: Throttle,
    private readonly clock: Clock,
  ) {}

  async purge(): Promise<void> {
    await this.unitOfWork.run((tx) => this.sessions.deleteExpired(tx, this.clock.now()));
    await this.throttle.purge();
  }
}
