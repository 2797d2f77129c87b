import { LessThanOrEqual } from 'typeorm';
import type { Clock } from '../database/clock.js';
import { deleteInBatches } from '../database/delete-in-batches.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import type { Throttle } from '../throttle/throttle.js';
import { SessionEntity } from './session.entity.js';

/** Housekeeping: removes what has expired and means nothing any more. */
export class SessionPurge {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly throttle: Throttle,
    private readonly clock: Clock,
  ) {}

  async purge(): Promise<void> {
    await deleteInBatches(this.unitOfWork, SessionEntity, { expiresAt: LessThanOrEqual(this.clock.now()) });
    await this.throttle.purge();
  }
}
