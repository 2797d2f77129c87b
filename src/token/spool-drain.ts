import type { DueWork } from '../background/engine.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import type { Spool } from '../spool/spool.js';
import type { ExchangeAttemptRepository } from './exchange-attempt.repository.js';

/** Takes answers that waited on disk over into the database. */
export class SpoolDrain implements DueWork {
  readonly name = 'spool';

  constructor(
    private readonly spool: Spool,
    private readonly attempts: ExchangeAttemptRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async runDue(): Promise<number> {
    if (this.spool.size === 0) return 0;
    return this.spool.drain((attemptId, sealed) =>
      this.unitOfWork.run((tx) => this.attempts.storeAnswers(tx, [{ attemptId, sealed }])),
    );
  }
}
