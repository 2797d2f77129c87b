import type { Clock } from '../database/clock.js';
import { UserError } from '../errors.js';
import type { Rotation } from '../provider/provider-enums.js';
import { sha256 } from '../sha256.js';
import type { ExchangeAttemptEntity } from './exchange-attempt.entity.js';
import type { ExchangeAttemptRepository } from './exchange-attempt.repository.js';
import type { ExchangeOwners } from './exchange-owners.js';
import type { TokenEntity } from './token.entity.js';

/** Somebody has sent the refresh token before and not said what became of it, and a second use could end the grant. */
export class OutcomeUnknownError extends UserError {
  constructor(
    token: Pick<TokenEntity, 'name'>,
    /** Who has sent it. */
    readonly ownerId: string,
    readonly mayRepeatAt: Date,
  ) {
    super({
      code: 'PROVIDER_UNREACHABLE',
      field: ['id'],
      message: `An earlier request for ${token.name} was interrupted, and its answer may still turn up: nothing is sent before ${mayRepeatAt.toISOString()}.`,
    });
  }
}

/** What a request for a token passes over. */
export interface PassedOver {
  /** The attempt that has let the lease lapse; null where the lease is free. */
  readonly lapsed: string | null;
  /** The attempts that tell nothing more once this request is sent. */
  readonly attemptIds: readonly string[];
  /** Those of them that have sent what this request sends again. */
  readonly repeated: readonly string[];
}

const NOTHING: PassedOver = { lapsed: null, attemptIds: [], repeated: [] };

/** Decides whether a refresh token may be sent again of which nobody knows whether it is spent. */
export class ExchangeDoubts {
  constructor(
    private readonly attempts: ExchangeAttemptRepository,
    private readonly owners: ExchangeOwners,
    private readonly clock: Clock,
  ) {}

  /**
   * A request that sends something else, such as a code, passes by the doubt about a refresh token and leaves it: should
   * it fail, that one is still in doubt.
   *
   * @param spent the refresh token or code that the request will spend
   * @returns null while somebody has the lease: only what is left then tells whether anything may be sent
   * @throws UserError CONFLICT while the answer to the same is stored and not read; OutcomeUnknownError
   */
  async passOver(token: TokenEntity, spent: string | null, rotation: Rotation): Promise<PassedOver | null> {
    if (token.leaseOwner !== null && token.leaseUntilMs > this.clock.now().getTime()) return null;
    if (!mayBeInDoubt(token)) return NOTHING;
    const hash = spent === null ? null : sha256(spent);
    // One that was begun since the token was read has the lease by now.
    const open = (await this.attempts.openOfToken(token.id)).filter(({ epoch }) => epoch <= token.epoch);
    const repeated = open.filter(({ spentHash }) => spentHash !== null && spentHash === hash);
    for (const attempt of repeated) await this.requireEnded(token, attempt, rotation);
    const attemptIds = open.filter((each) => !isOfRefreshToken(each) || repeated.includes(each)).map(({ id }) => id);
    return { lapsed: token.leaseOwner, attemptIds, repeated: repeated.map(({ id }) => id) };
  }

  private async requireEnded(token: TokenEntity, attempt: ExchangeAttemptEntity, rotation: Rotation): Promise<void> {
    if (attempt.state === 'ANSWERED') throw busy();
    const at = await this.owners.mayRepeatAt(attempt, rotation, token);
    if (at && at > this.clock.now()) throw new OutcomeUnknownError(token, attempt.ownerId, at);
  }
}

/** Whether anybody may have sent its refresh token and not said what became of it. */
export function mayBeInDoubt({
  leaseOwner,
  unknownOutcomes,
}: Pick<TokenEntity, 'leaseOwner' | 'unknownOutcomes'>): boolean {
  return leaseOwner !== null || unknownOutcomes > 0;
}

export function busy(): UserError {
  const message = 'Another request for this token is still under way: repeat in a few seconds.';
  return new UserError({ code: 'CONFLICT', field: ['id'], message });
}

function isOfRefreshToken({ kind, spentHash }: ExchangeAttemptEntity): boolean {
  return spentHash !== null && kind !== 'CODE';
}
