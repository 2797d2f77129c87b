import type { Database } from '../../src/database/database.js';
import type { Transaction } from '../../src/database/unit-of-work.js';
import type { SealedColumnKey } from '../../src/vault/sealed-column.js';
import { SealedValueRepository, type SealedValue } from '../../src/vault/sealed-value.repository.js';

/** Calls `interrupt`, and waits for it, before the n-th page is read or before the n-th value is replaced. */
export class InterruptedValuesRepository extends SealedValueRepository {
  private calls = 0;

  constructor(
    database: Database,
    private readonly at: { step: string; count: number },
    private readonly interrupt: () => Promise<void>,
  ) {
    super(database);
  }

  override async findPage(column: SealedColumnKey, afterId: string, limit: number) {
    await this.step('page');
    return super.findPage(column, afterId, limit);
  }

  override async replace(tx: Transaction, column: SealedColumnKey, value: SealedValue, resealed: string) {
    await this.step('value');
    return super.replace(tx, column, value, resealed);
  }

  private async step(name: string): Promise<void> {
    if (name !== this.at.step) return;
    this.calls += 1;
    if (this.calls === this.at.count) await this.interrupt();
  }
}
