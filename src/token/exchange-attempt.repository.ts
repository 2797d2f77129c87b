import type { Database, Reader } from '../database/database.js';
import type { Transaction } from '../database/unit-of-work.js';
import { ExchangeAttemptEntity } from './exchange-attempt.entity.js';
import type { AttemptState } from './token-enums.js';

export class ExchangeAttemptRepository {
  constructor(private readonly database: Database) {}

  exists(id: string, reader: Reader = this.database): Promise<boolean> {
    return reader.manager.existsBy(ExchangeAttemptEntity, { id });
  }

  async insert(tx: Transaction, row: ExchangeAttemptEntity): Promise<void> {
    await tx.manager.insert(ExchangeAttemptEntity, row);
  }

  /** Whatever has become of the lease meanwhile: an answer that arrived is never dropped. */
  async storeAnswer(tx: Transaction, id: string, sealed: string): Promise<void> {
    await tx.manager.update(ExchangeAttemptEntity, { id }, { answer: sealed, state: 'ANSWERED' });
  }

  /** Ends the attempt and wipes its answer. */
  async finish(tx: Transaction, id: string, state: AttemptState, now: Date): Promise<void> {
    await tx.manager.update(ExchangeAttemptEntity, { id }, { state, answer: null, finishedAt: now });
  }
}
