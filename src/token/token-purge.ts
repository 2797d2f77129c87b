import { setImmediate as nextTurn } from 'node:timers/promises';
import { In, LessThan } from 'typeorm';
import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { Clock } from '../database/clock.js';
import type { Reader } from '../database/database.js';
import { deleteInBatches } from '../database/delete-in-batches.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { durationMs } from '../duration.js';
import { deleteValues } from '../issued-value/delete-values.js';
import type { HubProvider } from '../issuer/hub-provider.js';
import { hubContext } from '../request-context.js';
import type { ExchangeAttemptRepository } from './exchange-attempt.repository.js';
import type { EndedTokenRepository } from './ended-token.repository.js';
import { RefreshPauseEntity } from './refresh-pause.entity.js';
import type { TokenRepository } from './token.repository.js';

const BATCH = 200;
/** So long the journal tells what became of each exchange. */
export const JOURNAL_MS = 7 * 24 * 60 * 60_000;

/** Somebody has to find out first why an answer cannot be read. */
const KEPT_MS = 90 * 24 * 60 * 60_000;

interface Stored {
  tokens: TokenRepository;
  ended: EndedTokenRepository;
  attempts: ExchangeAttemptRepository;
  hubProvider: Pick<HubProvider, 'rowId'>;
}

/**
 * Removes what has had its time: tokens that were revoked long ago, those that expired among what the hub issues itself,
 * and the journal of exchanges. The audit trail stays.
 */
export class TokenPurge {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly stored: Stored,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
    /** ISO 8601: how long a token that has ended is kept. */
    private readonly keepRevoked: string,
  ) {}

  async purge(): Promise<void> {
    const { ended, hubProvider } = this.stored;
    const { rowId } = hubProvider;
    await allBatches(() => this.purgeTokens((before, reader) => ended.revokedBefore(before, BATCH, reader)));
    await allBatches(() => this.purgeTokens((before, reader) => ended.expiredBefore(rowId, before, BATCH, reader)));
    await allBatches(() => this.purgeAttempts());
    const before = new Date(this.clock.now().getTime() - JOURNAL_MS);
    // Those that nobody has gone on with: what they were for is gone.
    await deleteInBatches(this.unitOfWork, RefreshPauseEntity, { endsAt: LessThan(before) });
  }

  private async purgeTokens(
    find: (before: Date, reader: Reader) => ReturnType<EndedTokenRepository['revokedBefore']>,
  ): Promise<number> {
    const now = this.clock.now();
    const before = new Date(now.getTime() - durationMs(this.keepRevoked, now));
    const ids = (await this.unitOfWork.run((tx) => find(before, tx))).map(({ id }) => id);
    await deleteValues(this.unitOfWork, { tokenId: In(ids) });
    return this.unitOfWork.run(async (tx) => {
      const old = await find(before, tx);
      for (const { id, name } of old) {
        await this.stored.tokens.delete(tx, id);
        const detail = { name, outcome: null, purged: true };
        await this.audit.record(tx, hubContext('purge'), { action: 'TOKEN_DELETED', subjectId: id, detail });
      }
      return old.length;
    });
  }

  private purgeAttempts(): Promise<number> {
    const now = this.clock.now().getTime();
    const ended = { before: new Date(now - JOURNAL_MS), keptBefore: new Date(now - KEPT_MS) };
    return this.unitOfWork.run((tx) => this.stored.attempts.purge(tx, ended, BATCH));
  }
}

/** SQLite answers without a wait: whatever else the process has to do gets its turn after each batch. */
async function allBatches(purge: () => Promise<number>): Promise<void> {
  while ((await purge()) === BATCH) await nextTurn();
}
