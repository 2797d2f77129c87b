import type { Clock } from '../database/clock.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import type { Log } from '../log.js';
import type { RefreshPauseRepository } from './refresh-pause.repository.js';
import type { TokenOwner, TokenRepository } from './token.repository.js';

type Step = (tx: Transaction, ids: readonly string[], changedAt: Date) => Promise<void>;

/**
 * Lets tokens start afresh when their provider or client has changed. They may be very many, so the change commits first,
 * and each batch of them after it alone: nobody who writes waits for all of them.
 */
export class TokenFreshStart {
  constructor(
    private readonly tokens: TokenRepository,
    private readonly pauses: RefreshPauseRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Within the change. */
  endPause(tx: Transaction, owner: TokenOwner): Promise<void> {
    return this.pauses.delete(tx, ['clientId' in owner ? owner.clientId : owner.providerId]);
  }

  /**
   * After a change of what the tokens' exchanges go through: the outcome of the last one tells nothing, and all is tried
   * now.
   *
   * @throws UserError INTERNAL when the database fails meanwhile
   */
  forgetConnectionState(owner: TokenOwner): Promise<void> {
    return this.inBatches(owner, (tx, ids, changedAt) => this.tokens.forgetConnectionState(tx, owner, ids, changedAt));
  }

  /**
   * After a change of the secret, which has been mended, perhaps.
   *
   * @throws UserError INTERNAL when the database fails meanwhile
   */
  retryNow(owner: TokenOwner): Promise<void> {
    return this.inBatches(owner, (tx, ids, changedAt) => this.tokens.retryNow(tx, owner, ids, changedAt));
  }

  private async inBatches(owner: TokenOwner, step: Step): Promise<void> {
    // What an exchange by the new settings has written since then stays.
    const changedAt = this.clock.now();
    try {
      for await (const ids of this.tokens.batchesOf(owner)) await this.unitOfWork.run((tx) => step(tx, ids, changedAt));
    } catch (error) {
      this.log.error({ err: error, ...owner }, 'a change is stored, but not all of its tokens are tried at once');
      throw unfinished(error);
    }
  }
}

function unfinished(cause: unknown): UserError {
  const message =
    'The change is stored, so do not repeat it. But the database failed before all tokens were made to try again at once: the others do so by themselves when their wait is over, or by refreshToken. The log says more.';
  return new UserError({ code: 'INTERNAL', message }, { cause });
}
