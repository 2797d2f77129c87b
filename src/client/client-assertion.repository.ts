import type { Transaction } from '../database/unit-of-work.js';
import { ClientAssertionEntity } from './client-assertion.entity.js';

export class ClientAssertionRepository {
  async insert(tx: Transaction, rows: readonly Pick<ClientAssertionEntity, 'id' | 'expiresAt'>[]): Promise<void> {
    await tx.manager.insert(ClientAssertionEntity, [...rows]);
  }
}
