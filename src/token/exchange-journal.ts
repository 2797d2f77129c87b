import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { AuditAction } from '../audit/audit-event.js';
import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { Clock } from '../database/clock.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { type StoredAnswer, storedAnswerSchema } from '../oauth/stored-answer.js';
import type { RequestContext } from '../request-context.js';
import type { RevocationEntity } from '../revocation/revocation.entity.js';
import type { RevocationRepository } from '../revocation/revocation.repository.js';
import type { SpoolSlot } from '../spool/spool.js';
import { sealedRef } from '../vault/sealed-column.js';
import type { Vault } from '../vault/vault.js';
import { ExchangeAttemptEntity } from './exchange-attempt.entity.js';
import type { ExchangeAttemptRepository } from './exchange-attempt.repository.js';
import type { Lease } from './exchange-lease.js';
import type { AttemptState } from './token-enums.js';
import type { TokenEntity } from './token.entity.js';
import type { TokenRepository } from './token.repository.js';

/** The lease is longer than the deadline by more than this. */
const STORE_LIMIT_MS = 15_000;
const STORE_PAUSE_MS = 250;
const SLOW_MS = 500;

/** A stored answer, and whose it is: its attempt may be gone when it is found. */
export const attributedAnswerSchema = storedAnswerSchema.extend({
  tokenId: z.string(),
  providerId: z.string(),
  /** Row of the client that asked. */
  clientId: z.string(),
});
export type AttributedAnswer = z.infer<typeof attributedAnswerSchema>;

/** How an exchange ended: what it changes in the token's row, and what the audit trail tells. */
export interface Settlement {
  state: AttemptState;
  changes: Partial<TokenEntity>;
  action: AuditAction;
  success: boolean;
  detail: object;
  /** What is to be revoked: what the new credential replaces, or the new one where nobody wants it any more. */
  revocations?: { replaced: readonly RevocationEntity[]; unwanted: readonly RevocationEntity[] };
}

/** Of a lease, what a settlement is fenced by. */
export type SettledLease = Pick<Lease, 'attemptId' | 'epoch' | 'token'>;

/** The row as it stands, and what became of the changes. */
interface Settled {
  token: TokenEntity | null;
  /** False when a newer lease or a revocation came between. */
  settled: boolean;
  /** False when the token is gone or revoked. */
  isWanted: boolean;
}

interface Repositories {
  tokens: TokenRepository;
  attempts: ExchangeAttemptRepository;
  revocations: RevocationRepository;
}

/** Writes down what an exchange brought, in the order in which nothing can be lost. */
export class ExchangeJournal {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repositories: Repositories,
    private readonly vault: Vault,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
  ) {}

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
      const storing = this.unitOfWork.run((tx) => this.repositories.attempts.storeAnswer(tx, attemptId, sealed));
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
   * The token's columns, the attempt's outcome, what is to be revoked and the audit row, in one commit.
   */
  settle(ctx: RequestContext, lease: SettledLease, settlement: Settlement): Promise<Settled> {
    const { attemptId, epoch, token } = lease;
    const { action, changes, detail, revocations, state, success } = settlement;
    return this.unitOfWork.run(async (tx) => {
      const now = this.clock.now();
      const settled = await this.repositories.tokens.settle(tx, token, epoch, changes, now);
      const before = settled ? null : await this.repositories.tokens.findById(token.id, tx);
      const isAwaited = state === 'ADOPTED' && before?.revokedAt === null && before.generation === token.generation;
      // The newer lease has brought nothing yet: what came here is kept for it.
      if (isAwaited) return { token: before, settled, isWanted: true };
      await this.repositories.attempts.finish(
        tx,
        attemptId,
        settled || state !== 'ADOPTED' ? state : 'SUPERSEDED',
        now,
      );
      await this.audit.record(tx, ctx, {
        action,
        subjectId: token.id,
        success: success && settled,
        detail: { ...detail, settled },
      });
      const after = before ?? (await this.repositories.tokens.findById(token.id, tx));
      const isWanted = after !== null && after.revokedAt === null;
      const ended = settled ? revocations?.replaced : isWanted ? [] : revocations?.unwanted;
      await this.repositories.revocations.insert(tx, ended ?? []);
      return { token: after, settled, isWanted };
    });
  }
}

async function isSlow(storing: Promise<unknown>): Promise<boolean> {
  const slow = new AbortController();
  const late = sleep(SLOW_MS, true, { signal: slow.signal }).catch(() => false);
  try {
    return await Promise.race([storing.then(() => false), late]);
  } finally {
    slow.abort();
  }
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
