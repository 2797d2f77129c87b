import type { Clock } from '../database/clock.js';
import type { ColumnResealer } from './column-resealer.js';
import type { DataKeyRing } from './data-key-ring.js';
import { sealedColumns } from './sealed-column.js';
import type { SealedRef } from './sealed-ref.js';
import { DERIVED_KEY_GRACE_MS } from './vault.js';

/** Enough for values that somebody wrote while they were being resealed. */
const MAX_PASSES = 3;

export interface RotationReport {
  /** Data keys that are now wrapped by the first master key and were not before. */
  readonly rewrapped: number;
  /** Values now sealed with the active data key that were not before. */
  readonly resealed: number;
  /** Values still sealed with another one, seen in the last pass: unreadable, or written meanwhile each time. */
  readonly remaining: number;
  /** Where values do not open. They are left as they are. */
  readonly unreadable: readonly SealedRef[];
  /** Superseded data keys found to be in no use. */
  readonly retired: number;
}

/**
 * Changes the keys under which everything is sealed, while readers and writers go on, on any number of replicas.
 *
 * A value is either resealed or not, and says so itself by its key id: a run that was killed is finished by `resume`,
 * or by the next `rotate`. Two runs at once do each other's work and no harm.
 *
 * A superseded data key is retired when 24 hours have passed since its successor was made and a walk through every
 * sealed column then found nothing that is not sealed with the active one. The 24 hours cover replicas that learn of
 * the successor late (they ask each minute) and what keys derived from it have signed. A retired key is kept, wrapped,
 * and still opens what a backup, a spool file or a lost replica may bring back; it only ends the search for its values.
 */
export class KeyRotation {
  constructor(
    private readonly keys: DataKeyRing,
    private readonly resealer: ColumnResealer,
    private readonly clock: Clock,
  ) {}

  /** Brings every data key under the first master key, makes a new data key, and seals every value with that one. */
  async rotate(): Promise<RotationReport> {
    const rewrapped = await this.keys.rewrap();
    await this.keys.add();
    return { ...(await this.resume()), rewrapped };
  }

  /**
   * Finishes what is unfinished: reseals what a killed rotation or a late replica left, retires keys whose time has
   * come. Costs one query when there is nothing to do.
   *
   * It rewraps nothing: while a new HUB_MASTER_KEY is rolled out, replicas disagree about which master key is the first.
   */
  async resume(): Promise<RotationReport> {
    await this.keys.reload();
    const superseded = this.keys.all().filter((key) => key.supersededAt !== null && key.retiredAt === null);
    if (superseded.length === 0) return { rewrapped: 0, resealed: 0, remaining: 0, unreadable: [], retired: 0 };

    const dueBefore = this.clock.now().getTime() - DERIVED_KEY_GRACE_MS;
    const { resealed, contested, unreadable } = await this.resealAll();
    const remaining = contested + unreadable.length;
    const nothingFound = resealed + remaining === 0;
    let retired = 0;
    for (const { id, supersededAt } of superseded) {
      const isDue = nothingFound && supersededAt !== null && supersededAt.getTime() <= dueBefore;
      if (isDue && (await this.keys.retire(id))) retired += 1;
    }
    return { rewrapped: 0, resealed, remaining, unreadable, retired };
  }

  private async resealAll() {
    let resealed = 0;
    for (let pass = 1; ; pass += 1) {
      const outcomes = [];
      for (const column of sealedColumns()) outcomes.push(await this.resealer.reseal(column));
      resealed += outcomes.reduce((sum, outcome) => sum + outcome.resealed, 0);
      const contested = outcomes.reduce((sum, outcome) => sum + outcome.contested, 0);
      const unreadable = outcomes.flatMap((outcome) => outcome.unreadable);
      if (contested === 0 || pass === MAX_PASSES) return { resealed, contested, unreadable };
    }
  }
}
