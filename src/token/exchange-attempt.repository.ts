import { In, LessThan, MoreThan } from 'typeorm';
import type { Database, Reader } from '../database/database.js';
import { forUpdate } from '../database/dialect.js';
import { insertAll } from '../database/insert-all.js';
import type { Transaction } from '../database/unit-of-work.js';
import { updateEach } from '../database/update-each.js';
import { ExchangeAttemptEntity } from './exchange-attempt.entity.js';
import type { AttemptState, ExchangeKind } from './token-enums.js';
import type { TokenEntity } from './token.entity.js';

/** Neither told nor taken over yet. */
const OPEN: AttemptState[] = ['STARTED', 'ANSWERED'];
/** An answer that comes may still be read. */
const UNREAD: AttemptState[] = [...OPEN, 'NOT_SENT', 'UNKNOWN'];
/** A newer version of the hub, or other settings, may find in it what is nowhere else. */
const KEPT: AttemptState = 'UNREADABLE';
const ENDED: AttemptState[] = ['ADOPTED', 'REFUSED', 'SUPERSEDED', 'NOT_SENT', 'UNKNOWN'];

/** Whether nobody has said yet what became of it. */
export function isOpen({ state }: ExchangeAttemptEntity): boolean {
  return OPEN.includes(state);
}

/** An answer of a provider on its way into the row of its attempt. */
export interface SealedAnswer {
  attemptId: string;
  sealed: string;
}

export class ExchangeAttemptRepository {
  constructor(private readonly database: Database) {}

  findById(id: string, reader: Reader = this.database): Promise<ExchangeAttemptEntity | null> {
    return reader.manager.findOneBy(ExchangeAttemptEntity, { id });
  }

  /** Those that are still there: an attempt goes with its token. */
  async existing(tx: Transaction, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const where = { id: In([...ids]) };
    const rows = await tx.manager.find(ExchangeAttemptEntity, { select: { id: true }, where });
    return new Set(rows.map(({ id }) => id));
  }

  /** Those of a token that have not ended. */
  openOfToken(tokenId: string): Promise<ExchangeAttemptEntity[]> {
    return this.database.manager.find(ExchangeAttemptEntity, {
      where: { tokenId, state: In(OPEN) },
      order: { id: 'ASC' },
    });
  }

  /** Those of a token whose answer is stored and not read yet, the newest first. */
  answeredOf(tokenId: string): Promise<ExchangeAttemptEntity[]> {
    // Not by id: ids are made by the clocks of the replicas.
    const order = { epoch: 'DESC' } as const;
    return this.database.manager.find(ExchangeAttemptEntity, { where: { tokenId, state: 'ANSWERED' }, order });
  }

  /** Those of a token whose answer is stored and could not be read or, unless only those are asked for, has not been. */
  unreadOf(tokenId: string, isKeptOnly: boolean): Promise<ExchangeAttemptEntity[]> {
    const where = { tokenId, state: In<AttemptState>(isKeptOnly ? [KEPT] : [KEPT, 'ANSWERED']) };
    return this.database.manager.find(ExchangeAttemptEntity, { where, order: { id: 'ASC' } });
  }

  /** Those whose answer is stored and not read yet; of none of them that changes before the commit. */
  async answeredAmong(tx: Transaction, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const where = { id: In([...ids].sort()) };
    const order = { id: 'ASC' } as const;
    const rows = await tx.manager.find(ExchangeAttemptEntity, { where, order, ...forUpdate(this.database.dialect) });
    return new Set(rows.filter(({ state }) => state === 'ANSWERED').map(({ id }) => id));
  }

  /** Those of the token's present credential whose answer is kept as it could not be read, the newest first. */
  unreadableOf({ generation, id: tokenId }: Pick<TokenEntity, 'generation' | 'id'>): Promise<ExchangeAttemptEntity[]> {
    const order = { epoch: 'DESC' } as const;
    return this.database.manager.find(ExchangeAttemptEntity, { where: { tokenId, state: KEPT, generation }, order });
  }

  newestOf(tokenId: string, kind: ExchangeKind): Promise<ExchangeAttemptEntity | null> {
    const order = { id: 'DESC' } as const;
    return this.database.manager.findOne(ExchangeAttemptEntity, { where: { tokenId, kind }, order });
  }

  /** Those whose answer is stored and not read, sent before that instant: a page of them, after that id. */
  answeredBefore(startedBefore: Date, after: string, limit: number): Promise<ExchangeAttemptEntity[]> {
    return this.database.manager.find(ExchangeAttemptEntity, {
      where: { state: 'ANSWERED', startedAt: LessThan(startedBefore), id: MoreThan(after) },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  /** Those that were sent before that instant, or were about to be, and have not ended: a page of them, after that id. */
  startedBefore(startedBefore: Date, after: string, limit: number): Promise<ExchangeAttemptEntity[]> {
    return this.database.manager.find(ExchangeAttemptEntity, {
      where: { state: 'STARTED', id: MoreThan(after), startedAt: LessThan(startedBefore) },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  /** How many there are of them. */
  countStartedBefore(startedBefore: Date): Promise<number> {
    return this.database.manager.countBy(ExchangeAttemptEntity, {
      state: 'STARTED',
      startedAt: LessThan(startedBefore),
    });
  }

  /** Those that a replica has sent, or was about to, and has not ended. */
  openOf(ownerId: string): Promise<ExchangeAttemptEntity[]> {
    return this.database.manager.find(ExchangeAttemptEntity, {
      where: { ownerId, state: In(OPEN) },
      order: { id: 'ASC' },
    });
  }

  async insert(tx: Transaction, rows: readonly ExchangeAttemptEntity[]): Promise<void> {
    await insertAll(tx.manager, ExchangeAttemptEntity, rows);
  }

  /**
   * Whatever has become of the lease meanwhile: an answer that arrived is never dropped. One that has been read already
   * stays read.
   */
  async storeAnswers(tx: Transaction, answers: readonly SealedAnswer[]): Promise<void> {
    const rows = answers.map(({ attemptId: id, sealed }) => ({
      id,
      changes: { answer: sealed, state: 'ANSWERED' as const },
    }));
    await updateEach(tx.manager, ExchangeAttemptEntity, rows, { column: 'state', values: UNREAD });
  }

  /**
   * Ends the attempts and wipes what they held, unless that is to be kept; what was ended by somebody else stays so.
   *
   * @returns how many this call ended
   */
  async finish(tx: Transaction, ids: readonly string[], state: AttemptState, now: Date): Promise<number> {
    const where = { id: In([...ids]), state: In([...UNREAD, KEPT]) };
    const ended = { state, finishedAt: now, ...(state === KEPT ? {} : { answer: null, context: null }) };
    return (await tx.manager.update(ExchangeAttemptEntity, where, ended)).affected ?? 0;
  }

  /** Wipes what is kept for a token as nobody could read it. */
  async endKept(tx: Transaction, tokenId: string, now: Date): Promise<void> {
    const ended = { state: 'SUPERSEDED', finishedAt: now, answer: null, context: null } as const;
    await tx.manager.update(ExchangeAttemptEntity, { tokenId, state: KEPT }, ended);
  }

  /** What became of them will not be told any more, unless an answer turns up. */
  async giveUp(tx: Transaction, ids: readonly string[], now: Date): Promise<void> {
    const where = { id: In([...ids]), state: 'STARTED' as const };
    await tx.manager.update(ExchangeAttemptEntity, where, { state: 'UNKNOWN', finishedAt: now });
  }

  /**
   * Those that have ended, the oldest first: ids sort by time.
   *
   * @param keptBefore likewise, for answers that nobody could read
   * @returns how many were removed
   */
  async purge(
    tx: Transaction,
    { before, keptBefore }: { before: Date; keptBefore: Date },
    limit: number,
  ): Promise<number> {
    let removed = 0;
    for (const state of [...ENDED, KEPT]) {
      const oldEnough = state === KEPT ? keptBefore : before;
      const oldest = await tx.manager.find(ExchangeAttemptEntity, {
        select: { id: true, startedAt: true },
        where: { state },
        order: { id: 'ASC' },
        take: limit - removed,
      });
      const ids = oldest.filter(({ startedAt }) => startedAt < oldEnough).map(({ id }) => id);
      if (ids.length > 0) await tx.manager.delete(ExchangeAttemptEntity, { id: In(ids) });
      removed += ids.length;
      if (removed === limit) break;
    }
    return removed;
  }
}
