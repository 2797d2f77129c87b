import { shiftBack, shifted } from '../database/shifted.js';
import type { Transaction } from '../database/unit-of-work.js';
import type { Dated, SetBack } from '../set-back-watch.js';
import { AuthorizationCodeEntity } from './authorization-code.entity.js';

/** Codes that were given by a clock that was set back since: each ends when it would have. */
export class AuthorizationCodeSetBack implements Dated {
  async clockSetBack(tx: Transaction, { byMs }: SetBack): Promise<void> {
    await tx.manager
      .createQueryBuilder()
      .update(AuthorizationCodeEntity)
      .set({ expiresAt: shifted('expiresAt'), usedAt: shifted('usedAt') })
      .setParameters({ shift: shiftBack(byMs) })
      .execute();
  }
}
