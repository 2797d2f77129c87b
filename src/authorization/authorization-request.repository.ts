import { In, IsNull, MoreThan } from 'typeorm';
import type { Database } from '../database/database.js';
import type { Transaction } from '../database/unit-of-work.js';
import { AuthorizationRequestEntity } from './authorization-request.entity.js';

export class AuthorizationRequestRepository {
  constructor(private readonly database: Database) {}

  findByHandle(handleHash: string): Promise<AuthorizationRequestEntity | null> {
    return this.database.manager.findOneBy(AuthorizationRequestEntity, { handleHash });
  }

  findByState(stateHash: string): Promise<AuthorizationRequestEntity | null> {
    return this.database.manager.findOneBy(AuthorizationRequestEntity, { stateHash });
  }

  /** Those of these journeys that are not over. */
  findOpen(ids: readonly string[], now: Date): Promise<AuthorizationRequestEntity[]> {
    return this.database.manager.findBy(AuthorizationRequestEntity, {
      id: In([...ids]),
      usedAt: IsNull(),
      expiresAt: MoreThan(now),
    });
  }

  /** A new journey ends the earlier ones of the same token. */
  async replace(tx: Transaction, row: AuthorizationRequestEntity): Promise<void> {
    await tx.manager.delete(AuthorizationRequestEntity, { tokenId: row.tokenId, usedAt: IsNull() });
    await tx.manager.insert(AuthorizationRequestEntity, row);
  }

  /** @returns false when the link had been opened before */
  async open(tx: Transaction, id: string, cookieHash: string): Promise<boolean> {
    const opened = await tx.manager.update(AuthorizationRequestEntity, { id, cookieHash: IsNull() }, { cookieHash });
    return opened.affected === 1;
  }

  /** @returns false when the callback had come before */
  async use(tx: Transaction, id: string, usedAt: Date): Promise<boolean> {
    const used = await tx.manager.update(
      AuthorizationRequestEntity,
      { id, usedAt: IsNull() },
      { usedAt, secrets: null },
    );
    return used.affected === 1;
  }
}
