import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../database/clock.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import { newId } from '../ids.js';
import { ExchangeAttemptEntity } from './exchange-attempt.entity.js';
import type { ExchangeAttemptRepository } from './exchange-attempt.repository.js';
import type { ExchangeKind } from './token-enums.js';
import type { TokenEntity } from './token.entity.js';
import type { TokenRepository } from './token.repository.js';

/** A request must have its whole answer by then. */
export const EXCHANGE_DEADLINE_MS = 20_000;

/** Deadline, 15 s for storing what came, 10 s for asking of whom and for how long it is, 5 s for clocks that differ. */
const LEASE_MS = EXCHANGE_DEADLINE_MS + 30_000;

const WAIT_LIMIT_MS = 10_000;
const POLL_MS = 100;

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
  /** On the monotonic clock, from before the lease was taken. */
  readonly deadlineAt: number;
}

/** Gives each token's requests one owner at a time, across replicas, and keeps a journal of them. */
export class ExchangeLeases {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly tokens: TokenRepository,
    private readonly attempts: ExchangeAttemptRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Waits up to ten seconds for another owner to finish. A code and a reset are for the credential that stands then.
   *
   * @param spent the refresh token or code that the request will spend
   * @returns the newer token instead of a lease when another owner has renewed it meanwhile
   * @throws UserError CONFLICT, NOT_FOUND, DISABLED
   */
  async take(token: TokenEntity, kind: ExchangeKind, spent: string | null): Promise<Lease | TokenEntity> {
    const giveUpAt = performance.now() + WAIT_LIMIT_MS;
    let wanted = token;
    for (;;) {
      const lease = await this.tryTake(wanted, kind, spent);
      if (lease) return lease;
      const now = await this.tokens.findById(token.id);
      if (!now) throw gone();
      if (now.revokedAt) throw revoked();
      if (now.generation !== wanted.generation && !INSISTING.has(kind)) return now;
      wanted = now;
      if (performance.now() > giveUpAt) throw busy();
      await sleep(POLL_MS);
    }
  }

  private async tryTake(token: TokenEntity, kind: ExchangeKind, spent: string | null): Promise<Lease | undefined> {
    const attemptId = newId('exchangeAttempt');
    const deadlineAt = performance.now() + EXCHANGE_DEADLINE_MS;
    const startedAt = this.clock.now();
    const spentHash = spent === null ? null : createHash('sha256').update(spent).digest('hex');
    try {
      return await this.unitOfWork.run(async (tx) => {
        if (!(await this.tokens.lease(tx, token, attemptId, LEASE_MS))) return undefined;
        const leased = await this.tokens.findById(token.id, tx);
        if (!leased) return undefined;
        const { epoch } = leased;
        const start = { id: attemptId, tokenId: token.id, kind, epoch, state: 'STARTED', spentHash, startedAt };
        await this.attempts.insert(
          tx,
          Object.assign(new ExchangeAttemptEntity(), start, { answer: null, finishedAt: null }),
        );
        return { attemptId, epoch, token: leased, startedAt, deadlineAt };
      });
    } catch (error) {
      return this.afterUnclearCommit(error, token, { attemptId, startedAt, deadlineAt });
    }
  }

  /** A commit whose confirmation was lost may have happened: the attempt's row tells. */
  private async afterUnclearCommit(
    error: unknown,
    token: TokenEntity,
    lease: Omit<Lease, 'epoch' | 'token'>,
  ): Promise<Lease> {
    if (!(await this.attempts.exists(lease.attemptId))) throw error;
    const leased = await this.tokens.findById(token.id);
    if (leased?.leaseOwner !== lease.attemptId) throw error;
    return { ...lease, epoch: leased.epoch, token: leased };
  }
}

export function isLease(taken: Lease | TokenEntity): taken is Lease {
  return 'attemptId' in taken;
}

function gone(): UserError {
  return new UserError({ code: 'NOT_FOUND', field: ['id'], message: 'The token has been deleted meanwhile.' });
}

function revoked(): UserError {
  return new UserError({ code: 'DISABLED', field: ['id'], message: 'The token is revoked: request a new one.' });
}

function busy(): UserError {
  const message = 'Another request for this token is still under way: repeat in a few seconds.';
  return new UserError({ code: 'CONFLICT', field: ['id'], message });
}
