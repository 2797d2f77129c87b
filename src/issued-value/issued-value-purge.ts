import { LessThan } from 'typeorm';
import type { Clock } from '../database/clock.js';
import { deleteInBatches } from '../database/delete-in-batches.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { IssuedValueEntity } from './issued-value.entity.js';

/** So long a person who looks into it finds why a value was refused. */
const KEPT_MS = 24 * 60 * 60_000;

/** Removes values that expired a day ago: access tokens, refresh tokens used long ago, and families that nobody uses. */
export class IssuedValuePurge {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  async purge(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - KEPT_MS);
    await deleteInBatches(this.unitOfWork, IssuedValueEntity, { expiresAt: LessThan(before) });
  }
}
