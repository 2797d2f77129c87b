import { In, LessThan } from 'typeorm';
import type { Database, Reader } from '../database/database.js';
import type { Transaction } from '../database/unit-of-work.js';
import { RefreshPauseEntity } from './refresh-pause.entity.js';

/** The few providers and clients at which nothing is renewed for a while. */
export class RefreshPauseRepository {
  constructor(private readonly database: Database) {}

  all(reader: Reader = this.database): Promise<RefreshPauseEntity[]> {
    return reader.manager.find(RefreshPauseEntity);
  }

  findById(id: string, reader: Reader): Promise<RefreshPauseEntity | null> {
    return reader.manager.findOneBy(RefreshPauseEntity, { id });
  }

  async save(tx: Transaction, row: RefreshPauseEntity): Promise<void> {
    await tx.manager.upsert(RefreshPauseEntity, row, ['id']);
  }

  async delete(tx: Transaction, ids: readonly string[]): Promise<void> {
    await tx.manager.delete(RefreshPauseEntity, { id: In([...ids]) });
  }

  /** Those that nobody has gone on with: what they were for is gone. */
  async purge(tx: Transaction, endedBefore: Date): Promise<void> {
    await tx.manager.delete(RefreshPauseEntity, { endsAt: LessThan(endedBefore) });
  }
}
