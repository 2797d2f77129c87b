import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { Clock } from '../database/clock.js';
import { UnclearCommitError } from '../database/unclear-commit.error.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { WriteGroup } from '../database/write-group.js';
import { type StoredAnswer, storedAnswerSchema } from '../oauth/stored-answer.js';
import type { RequestContext } from '../request-context.js';
import type { RevocationRepository } from '../revocation/revocation.repository.js';
import type { SpoolSlot } from '../spool/spool.js';
import { sealedRef } from '../vault/sealed-column.js';
import type { Vault } from '../vault/vault.js';
import { ExchangeAttemptEntity } from './exchange-attempt.entity.js';
import { type ExchangeAttemptRepository, isOpen, type SealedAnswer } from './exchange-attempt.repository.js';
import type { Lease } from './exchange-lease.js';
import {
  changedRows,
  type End,
  endOf,
  type Settled,
  settledBefore,
  type SettledLease,
  type Settlement,
  type Settling,
} from './exchange-settlement.js';
import type { TokenLeaseRepository } from './token-lease.repository.js';

/** The lease is longer than the deadline by more than this. */
const STORE_LIMIT_MS = 15_000;
const STORE_PAUSE_MS = 250;
const SLOW_MS = 200;
/** How long a database that went away during the commit of a settlement is looked for. */
const UNCLEAR_LIMIT_MS = 5_000;

/** A stored answer, and whose it is: its attempt may be gone when it is found. */
export const attributedAnswerSchema = storedAnswerSchema.extend({
  tokenId: z.string(),
  providerId: z.string(),
  /** Row of the client that asked. */
  clientId: z.string(),
});
export type AttributedAnswer = z.infer<typeof attributedAnswerSchema>;

interface Repositories {
  leases: TokenLeaseRepository;
  attempts: ExchangeAttemptRepository;
  revocations: RevocationRepository;
}

/** Writes down what an exchange brought, in the order in which nothing can be lost. */
export class ExchangeJournal {
  private readonly answers: WriteGroup<SealedAnswer, undefined>;
  private readonly settlements: WriteGroup<Settling, Settled>;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repositories: Repositories,
    private readonly vault: Vault,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
  ) {
    const { attempts } = repositories;
    this.answers = new WriteGroup(
      unitOfWork,
      async (tx, answers) => {
        await attempts.storeAnswers(tx, answers);
        return answers.map(() => undefined);
      },
      // A server that is away is looked for once the answer is on disk: until then a kill would take it along.
      { textOf: ({ sealed }) => sealed.length, isPatient: true, lostMs: 0 },
    );
    this.settlements = new WriteGroup(unitOfWork, (tx, all) => this.settleAll(tx, all), { textOf, isPatient: true });
  }

  /**
   * Keeps the raw answer, sealed, before anything reads it. While the database is away it waits on disk, from where it
   * is taken over later, by this process or the next one.
   *
   * @param clientId row of the client that asked
   * @throws what the database said when it stays away
   */
  async store(lease: Lease, clientId: string, answer: StoredAnswer, slot: SpoolSlot | null): Promise<void> {
    const { attemptId, token } = lease;
    const kept: AttributedAnswer = { ...answer, tokenId: token.id, providerId: token.providerId, clientId };
    const sealed = this.vault.seal(sealedRef(ExchangeAttemptEntity, 'answer', attemptId), JSON.stringify(kept));
    const giveUpAt = performance.now() + STORE_LIMIT_MS;
    let isOnDisk = false;
    for (;;) {
      const storing = this.answers.run({ attemptId, sealed });
      try {
        // A database that is slow to refuse must not be all that knows the answer.
        if (!isOnDisk && (await isSlow(storing))) isOnDisk = await isWritten(slot, sealed);
        await storing;
        return;
      } catch (error) {
        if (!isOnDisk) isOnDisk = await isWritten(slot, sealed);
        if (performance.now() > giveUpAt) throw error;
        await sleep(STORE_PAUSE_MS);
      }
    }
  }

  /** The answer of an attempt as it was stored. */
  async answerOf({ answer, id }: ExchangeAttemptEntity): Promise<StoredAnswer | null> {
    if (answer === null) return null;
    const opened = await this.vault.open(sealedRef(ExchangeAttemptEntity, 'answer', id), answer);
    return storedAnswerSchema.parse(JSON.parse(opened));
  }

  /**
   * The token's columns, the attempt's outcome, what is to be revoked and the audit row, in one commit. Where nobody has
   * said whether that happened it is looked up, and done once more if it did not: what is known must not become unknown.
   */
  async settle(ctx: RequestContext, lease: SettledLease, settlement: Settlement): Promise<Settled> {
    const settling = { ctx, lease, settlement };
    try {
      return await this.settlements.run(settling);
    } catch (error) {
      if (!(error instanceof UnclearCommitError)) throw error;
      return this.unitOfWork.run((tx) => this.settleUnlessDone(tx, settling), { lostMs: UNCLEAR_LIMIT_MS });
    }
  }

  /** Behind the lock of the token's row, where a commit that is still on its way has arrived or never will. */
  private async settleUnlessDone(tx: Transaction, settling: Settling): Promise<Settled> {
    const { lease, settlement } = settling;
    const [token = null] = await this.repositories.leases.lock(tx, [lease.token.id]);
    const attempt = await this.repositories.attempts.findById(lease.attemptId, tx);
    if (attempt && !isOpen(attempt)) return settledBefore(attempt, token, settling);
    // Of a token that is gone, what was to be revoked tells.
    const { refused = [], unwanted = [] } = settlement.revocations ?? {};
    if (!attempt && (await this.repositories.revocations.haveAny(tx, [...unwanted, ...refused])))
      return { token: null, settled: false, isWanted: false };
    const [settled] = await this.settleAll(tx, [settling]);
    return settled ?? { token, settled: false, isWanted: false };
  }

  private async settleAll(tx: Transaction, all: readonly Settling[]): Promise<Settled[]> {
    const now = this.clock.now();
    const rows = await this.repositories.leases.lock(
      tx,
      all.map(({ lease }) => lease.token.id),
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    const ends = all.map((each) => endOf(each, byId, now));
    await this.repositories.leases.update(tx, changedRows(ends));
    await this.finish(
      tx,
      ends.filter(({ isAwaited }) => !isAwaited),
      now,
    );
    return ends;
  }

  private async finish(tx: Transaction, ends: readonly End[], now: Date): Promise<void> {
    const { attempts, revocations } = this.repositories;
    for (const state of new Set(ends.map((end) => end.state))) {
      const ids = ends.filter((end) => end.state === state).map(({ lease }) => lease.attemptId);
      await attempts.finish(tx, ids, state, now);
    }
    const entries = ends.map(({ ctx, lease, settled, settlement: { action, detail, success } }) => ({
      ctx,
      entry: { action, subjectId: lease.token.id, success: success && settled, detail: { ...detail, settled } },
    }));
    await this.audit.recordAll(tx, entries);
    await revocations.insert(
      tx,
      ends.flatMap((end) => [...end.revocations]),
    );
  }
}

function textOf({ settlement: { changes } }: Settling): number {
  return Object.values(changes).reduce<number>((sum, each) => sum + (typeof each === 'string' ? each.length : 0), 0);
}

function isSlow(storing: Promise<unknown>): Promise<boolean> {
  return new Promise((done, failed) => {
    const late = setTimeout(() => done(true), SLOW_MS);
    const ended = () => clearTimeout(late);
    storing.then(() => done(false), failed).finally(ended);
  });
}

/** A disk that fails too is tried again with the database: whichever comes back first keeps the answer. */
async function isWritten(slot: SpoolSlot | null, sealed: string): Promise<boolean> {
  try {
    await slot?.write(sealed);
    return slot !== null;
  } catch {
    return false;
  }
}
