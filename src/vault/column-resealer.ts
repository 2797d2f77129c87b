import { setImmediate as nextTurn } from 'node:timers/promises';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { sealingKeyId } from './cipher.js';
import type { DataKeyRing } from './data-key-ring.js';
import { sealedRefOf, type SealedColumnKey } from './sealed-column.js';
import type { SealedRef } from './sealed-ref.js';
import type { SealedValue, SealedValueRepository } from './sealed-value.repository.js';
import { VaultError } from './vault-error.js';
import type { Vault } from './vault.js';

const BATCH_SIZE = 100;

/** What became of the values that were sealed with another key than the active one. */
export interface ResealOutcome {
  readonly resealed: number;
  /** Written by somebody else between our reading and our writing: theirs stayed. */
  readonly contested: number;
  /** Do not open: left as they are. */
  readonly unreadable: readonly SealedRef[];
}

interface Replacement {
  readonly value: SealedValue;
  readonly resealed: string;
}

/** Seals the values of a column anew under the active data key. */
export class ColumnResealer {
  constructor(
    private readonly keys: DataKeyRing,
    private readonly vault: Vault,
    private readonly values: SealedValueRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Runs beside readers, writers and itself, and again after a kill: what is done shows in the values alone. */
  async reseal(column: SealedColumnKey): Promise<ResealOutcome> {
    const unreadable: SealedRef[] = [];
    let [resealed, contested] = [0, 0];
    for (let afterId: string | undefined = ''; afterId !== undefined;) {
      const { values, lastId } = await this.values.findPage(column, afterId, BATCH_SIZE);
      const prepared = await Promise.all(values.map((value) => this.prepare(column, value)));
      const replacements = prepared.filter((each) => each !== undefined && 'resealed' in each);
      unreadable.push(...prepared.filter((each) => each !== undefined && 'table' in each));
      const replaced = await this.replace(column, replacements);
      resealed += replaced;
      contested += replacements.length - replaced;
      afterId = lastId;
      // SQLite answers without leaving the event loop: requests get their turn here.
      await nextTurn();
    }
    return { resealed, contested, unreadable };
  }

  /** @returns nothing to do, the replacement, or the place of a value that does not open */
  private async prepare(column: SealedColumnKey, value: SealedValue): Promise<Replacement | SealedRef | undefined> {
    const ref = sealedRefOf(column, value.id);
    try {
      if (sealingKeyId(ref, value.sealed) === this.keys.active().id) return undefined;
      return { value, resealed: this.vault.seal(ref, await this.vault.open(ref, value.sealed)) };
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      return ref;
    }
  }

  /** @returns how many values were still the ones read */
  private async replace(column: SealedColumnKey, replacements: readonly Replacement[]): Promise<number> {
    if (replacements.length === 0) return 0;
    return this.unitOfWork.run(async (tx) => {
      let replaced = 0;
      for (const { value, resealed } of replacements) {
        if (await this.values.replace(tx, column, value, resealed)) replaced += 1;
      }
      return replaced;
    });
  }
}
