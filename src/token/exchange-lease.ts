import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../database/clock.js';
import { UnclearCommitError } from '../database/unclear-commit.error.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { WriteGroup } from '../database/write-group.js';
import { Deadline } from '../deadline.js';
import { UserError } from '../errors.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Rotation } from '../provider/provider-enums.js';
import { sha256 } from '../sha256.js';
import { ExchangeAttemptEntity } from './exchange-attempt.entity.js';
import type { ExchangeAttemptRepository } from './exchange-attempt.repository.js';
import { busy, type ExchangeDoubts, type PassedOver } from './exchange-doubts.js';
import type { ExchangeKind } from './token-enums.js';
import { revokedForGood } from './token-remedy.js';
import type { LeaseClaim, TokenLeaseRepository } from './token-lease.repository.js';
import type { TokenEntity } from './token.entity.js';
import type { TokenRepository } from './token.repository.js';
import type { UnsentLeases } from './unsent-leases.js';

/** A request must have its whole answer by then. */
export const EXCHANGE_DEADLINE_MS = 20_000;

/** Deadline, 15 s for storing what came, 10 s for asking of whom and for how long it is, 5 s for clocks that differ. */
export const LEASE_MS = EXCHANGE_DEADLINE_MS + 30_000;

const WAIT_LIMIT_MS = 10_000;
const POLL_MS = 100;
/** How long a database that went away during the commit is asked what became of it; enough of the deadline is left then. */
const READ_BACK_LIMIT_MS = 5_000;

/** What these ask for is not what another owner has obtained meanwhile: they wait for it to end, and go on. */
const INSISTING: ReadonlySet<ExchangeKind> = new Set(['CODE', 'RESET']);

/** The right to send one request for a token. */
export interface Lease {
  readonly attemptId: string;
  readonly epoch: number;
  /** As it stood when the lease was taken. */
  readonly token: TokenEntity;
  /** Database time from before the request: lifetimes count from here. */
  readonly startedAt: Date;
  /** From before the lease was taken. */
  readonly deadline: Deadline;
}

/** What the lease is for. */
export interface LeasePurpose {
  /** Of the attempt to be. */
  readonly attemptId: string;
  readonly kind: ExchangeKind;
  readonly rotation: Rotation;
  /** The refresh token or code that the request will spend. */
  readonly spent: string | null;
  /** Sealed for the attempt; null where the token's row tells everything. */
  readonly context: string | null;
}

interface Wanted extends LeaseClaim {
  passed: PassedOver;
  purpose: LeasePurpose;
  startedAt: Date;
}

interface Stored {
  tokens: TokenRepository;
  leases: TokenLeaseRepository;
  attempts: ExchangeAttemptRepository;
  doubts: ExchangeDoubts;
  unsent: UnsentLeases;
}

/** Gives each token's requests one owner at a time, across replicas, and keeps a journal of them. */
export class ExchangeLeases {
  private readonly claims: WriteGroup<Wanted, TokenEntity | null>;

  constructor(
    unitOfWork: UnitOfWork,
    private readonly ownId: string,
    private readonly stored: Stored,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {
    this.claims = new WriteGroup(unitOfWork, (tx, wanted) => this.leaseAll(tx, wanted), { isPatient: true });
  }

  /**
   * Waits up to ten seconds for another owner to finish. A code and a reset are for the credential that stands then.
   *
   * @returns the newer token instead of a lease when another owner has renewed it meanwhile
   * @throws UserError CONFLICT, NOT_FOUND, DISABLED; OutcomeUnknownError
   */
  async take(token: TokenEntity, purpose: LeasePurpose): Promise<Lease | TokenEntity> {
    const giveUpAt = performance.now() + WAIT_LIMIT_MS;
    let wanted = token;
    for (;;) {
      const passed = await this.stored.doubts.passOver(wanted, purpose.spent, purpose.rotation);
      const lease = passed && (await this.tryTake(wanted, purpose, passed));
      if (lease) return lease;
      const now = await this.stored.tokens.findById(token.id);
      if (!now) throw gone();
      if (now.revokedAt) throw revokedForGood(now);
      if (now.generation !== wanted.generation && !INSISTING.has(purpose.kind)) return now;
      wanted = now;
      if (performance.now() > giveUpAt) throw busy();
      await sleep(POLL_MS);
    }
  }

  private async tryTake(token: TokenEntity, purpose: LeasePurpose, passed: PassedOver): Promise<Lease | undefined> {
    const { attemptId } = purpose;
    const { lapsed } = passed;
    const deadline = new Deadline(EXCHANGE_DEADLINE_MS);
    const startedAt = this.clock.now();
    try {
      const leased = await this.claims.run({ token, attemptId, lapsed, passed, purpose, startedAt });
      if (!leased) return undefined;
      if (lapsed !== null) this.metrics.leaseTakenOver();
      return { attemptId, epoch: leased.epoch, token: leased, startedAt, deadline };
    } catch (error) {
      if (!(error instanceof UnclearCommitError)) throw error;
      const leased = await this.readBack(token.id, attemptId);
      if (leased) return { attemptId, epoch: leased.epoch, token: leased, startedAt, deadline };
      this.stored.unsent.add(attemptId, token.id);
      throw error;
    }
  }

  /** @returns the row for each that holds the lease now */
  private async leaseAll(tx: Transaction, wanted: readonly Wanted[]): Promise<(TokenEntity | null)[]> {
    const { attempts, leases } = this.stored;
    const rows = await leases.leaseEach(tx, await this.unanswered(tx, wanted), LEASE_MS);
    const byOwner = new Map(rows.map((row) => [row.leaseOwner, row]));
    const won = wanted.map((each) => ({ ...each, leased: byOwner.get(each.attemptId) ?? null }));
    const passedOver = won.flatMap(({ leased, passed }) => (leased ? passed.attemptIds : []));
    if (passedOver.length > 0) await attempts.giveUp(tx, passedOver, this.clock.now());
    const started = won.flatMap(({ leased, purpose, startedAt }) =>
      leased ? [this.row(leased, purpose, startedAt)] : [],
    );
    await attempts.insert(tx, started);
    return won.map(({ leased }) => leased);
  }

  /** But for those whose answer has come since they were looked at: it is read before anything is sent again. */
  private async unanswered(tx: Transaction, wanted: readonly Wanted[]): Promise<readonly Wanted[]> {
    const repeating = wanted.filter(({ passed }) => passed.repeated.length > 0);
    if (repeating.length === 0) return wanted;
    const { attempts, leases } = this.stored;
    // As whoever locks attempts has locked their tokens.
    await leases.lock(
      tx,
      wanted.map(({ token }) => token.id),
    );
    const repeated = repeating.flatMap(({ passed }) => passed.repeated);
    const answered = await attempts.answeredAmong(tx, repeated);
    return wanted.filter(({ passed }) => !passed.repeated.some((id) => answered.has(id)));
  }

  private row(leased: TokenEntity, purpose: LeasePurpose, startedAt: Date): ExchangeAttemptEntity {
    const { attemptId, context, kind, spent } = purpose;
    const { epoch, generation } = leased;
    return Object.assign(new ExchangeAttemptEntity(), {
      id: attemptId,
      tokenId: leased.id,
      kind,
      ownerId: this.ownId,
      epoch,
      generation,
      context,
      state: 'STARTED',
      spentHash: spent === null ? null : sha256(spent),
      answer: null,
      startedAt,
      finishedAt: null,
    });
  }

  /** A commit whose confirmation was lost may have happened. @returns the token if it is known to be leased */
  private async readBack(tokenId: string, attemptId: string): Promise<TokenEntity | null> {
    const giveUpAt = performance.now() + READ_BACK_LIMIT_MS;
    for (;;) {
      try {
        const leased = await this.stored.tokens.findById(tokenId);
        return leased?.leaseOwner === attemptId ? leased : null;
      } catch {
        if (performance.now() > giveUpAt) return null;
        await sleep(POLL_MS);
      }
    }
  }
}

export function isLease(taken: Lease | TokenEntity): taken is Lease {
  return 'attemptId' in taken;
}

function gone(): UserError {
  return new UserError({ code: 'NOT_FOUND', field: ['id'], message: 'The token has been deleted meanwhile.' });
}
