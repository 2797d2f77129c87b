import type { DueWork } from '../background/engine.js';
import type { Clock } from '../database/clock.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import type { Rotation } from '../provider/provider-enums.js';
import type { ExchangeAttemptEntity } from './exchange-attempt.entity.js';
import { LEASE_MS } from './exchange-lease.js';
import { mayRepeatAt } from './repeat-rules.js';
import type { ExchangeOwnerRepository } from './exchange-owner.repository.js';
import type { TokenEntity } from './token.entity.js';

const REPORT_EVERY_MS = 5_000;
/** An owner that has not been heard of for so long is dead, or out of reach of the database. */
const SILENT_MS = 30_000;
/** The clock may be corrected by less, as when another member of a cluster tells the time. */
const CLOCK_GUARD_MS = 5_000;
/** Two reports that are further apart have a break between them. */
const BREAK_MS = 15_000;
const FORGOTTEN_MS = 30 * 24 * 60 * 60_000;

/** What this replica has of answers that are not stored yet. */
interface Here {
  readonly id: string;
  readonly spool: { readonly size: number };
  readonly underWay: { readonly since: Date | null };
}

/**
 * That it has ended, and none of it is in the spool; nothing, though its time is over, and the owner could have spoken while
 * this replica was heard; or that it may still be answered, on its way or from the disk.
 */
export type Word = 'SETTLED' | 'NONE' | 'OWING';

/**
 * Knows of the replicas that have sent requests whether an answer may still wait with one of them: while its spool is not
 * drained the refresh token must not be sent again, however long the database, and with it everybody's word, was away.
 */
export class ExchangeOwners implements DueWork {
  readonly name = 'report of this replica';
  private settledBefore = new Date(0);
  /** On the monotonic clock. */
  private reportedAt = -Infinity;

  constructor(
    private readonly owners: ExchangeOwnerRepository,
    private readonly here: Here,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  async runDue(): Promise<number> {
    if (performance.now() - this.reportedAt >= REPORT_EVERY_MS) await this.report();
    return 0;
  }

  /**
   * When what a request has spent may be sent again, whose owner has not said what became of it.
   *
   * @returns null for at once
   */
  async mayRepeatAt(
    attempt: ExchangeAttemptEntity,
    rotation: Rotation,
    token: Pick<TokenEntity, 'expiresAt'>,
  ): Promise<Date | null> {
    const at = mayRepeatAt(attempt, rotation, token);
    if (at === null) return null;
    const word = (await this.words())(attempt);
    if (word === 'SETTLED') return null;
    const now = this.clock.now();
    return at > now || word === 'NONE' ? at : new Date(now.getTime() + SILENT_MS);
  }

  /** By what the replicas have told until now: what the owner of a request has said of it. */
  async words(): Promise<(attempt: Pick<ExchangeAttemptEntity, 'ownerId' | 'startedAt'>) => Word> {
    const now = this.clock.now();
    const rows = new Map((await this.owners.all()).map((row) => [row.id, row]));
    const own = rows.get(this.here.id);
    const silentSince = new Date(now.getTime() - SILENT_MS);
    const lapsed = new Date(now.getTime() - LEASE_MS);
    const isHeard = own !== undefined && own.seenAt > silentSince && own.since < silentSince;
    return ({ ownerId, startedAt }) => {
      const owner = rows.get(ownerId);
      if (owner && owner.settledBefore > startedAt) return 'SETTLED';
      const isSilent = !owner || owner.seenAt < silentSince;
      return isHeard && isSilent && startedAt < lapsed ? 'NONE' : 'OWING';
    };
  }

  async purge(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - FORGOTTEN_MS);
    const ids = (await this.owners.silentSince(before)).map(({ id }) => id);
    if (ids.length > 0) await this.unitOfWork.run((tx) => this.owners.delete(tx, ids));
  }

  private async report(): Promise<void> {
    const { id, spool, underWay } = this.here;
    const ended = (underWay.since ?? this.clock.now()).getTime() - CLOCK_GUARD_MS;
    this.settledBefore = new Date(spool.size === 0 ? ended : Math.min(ended, this.settledBefore.getTime()));
    await this.unitOfWork.run(async (tx) => {
      // Not before: it may have waited for the database.
      const seenAt = this.clock.now();
      const row = { id, seenAt, settledBefore: this.settledBefore };
      const goesOn = await this.owners.goOn(tx, row, new Date(seenAt.getTime() - BREAK_MS));
      if (!goesOn) await this.owners.begin(tx, { ...row, since: seenAt });
    });
    this.reportedAt = performance.now();
  }
}
