import { In, MoreThan } from 'typeorm';
import type { Database, Reader } from '../database/database.js';
import type { Transaction } from '../database/unit-of-work.js';
import type { Dated, SetBack } from '../set-back-watch.js';
import { RefreshPauseEntity } from './refresh-pause.entity.js';

/** The few providers and clients at which nothing is renewed for a while. */
export class RefreshPauseRepository implements Dated {
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

  /** None lasts longer than it was meant to. */
  async clockSetBack(tx: Transaction, { now }: SetBack): Promise<void> {
    await tx.manager.update(RefreshPauseEntity, { endsAt: MoreThan(now) }, { endsAt: now });
  }
}
