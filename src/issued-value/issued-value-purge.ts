import type { Clock } from '../database/clock.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import type { IssuedValueRepository } from './issued-value.repository.js';

const BATCH = 500;
/** So long a person who looks into it finds why a value was refused. */
const KEPT_MS = 24 * 60 * 60_000;

/** Removes access tokens that expired a day ago. Refresh tokens go with their token, as a used one must be recognised. */
export class IssuedValuePurge {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly values: IssuedValueRepository,
    private readonly clock: Clock,
  ) {}

  async purge(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - KEPT_MS);
    while ((await this.purgeBatch(before)) === BATCH);
  }

  private async purgeBatch(before: Date): Promise<number> {
    const ids = await this.values.expiredBefore(before, BATCH);
    if (ids.length > 0) await this.unitOfWork.run((tx) => this.values.delete(tx, ids));
    return ids.length;
  }
}
