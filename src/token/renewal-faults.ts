import type { HubError } from '../errors.js';
import type { Log } from '../log.js';
import { SpoolUnavailableError } from '../spool/spool-error.js';
import { KeyUnavailableError } from '../vault/vault-error.js';
import type { TokenEntity } from './token.entity.js';

/** So long a replica begins nothing that has something wrong with itself. */
const REST_MS = 30_000;
/** The same is told again after this. */
const TOLD_MS = 10 * 60_000;

/**
 * Renewals that came to nothing through no fault of their tokens: each cause is told once in a while, not for each token,
 * and a replica that has something wrong with itself leaves what is due to the others meanwhile.
 */
export class RenewalFaults {
  /** On the monotonic clock, as all instants here. */
  private restUntil = -Infinity;
  private readonly toldAt = new Map<string, number>();

  /** @param monotonicNow milliseconds */
  constructor(
    private readonly log: Log,
    private readonly monotonicNow: () => number = () => performance.now(),
  ) {}

  get isResting(): boolean {
    return this.monotonicNow() < this.restUntil;
  }

  /** Nothing was sent. @returns whether it is this replica with which something is wrong */
  note({ id: tokenId }: TokenEntity, error: HubError): boolean {
    const isOwn = error instanceof KeyUnavailableError || error.cause instanceof SpoolUnavailableError;
    if (isOwn) this.restUntil = this.monotonicNow() + REST_MS;
    // Another request for the token is under way, and tells itself what it comes to.
    if (error.code === 'CONFLICT' || !this.isNew(`${error.name} ${error.code}`)) return isOwn;
    const told = { err: error, tokenId };
    if (isOwn) this.log.error(told, 'this replica can renew nothing, and leaves it to others for a while');
    else this.log.error(told, 'tokens are not renewed now: they are tried again');
    return isOwn;
  }

  /** A token waits for what a replica says that has sent its refresh token. */
  noteAwaited(ownerId: string, { id: tokenId }: TokenEntity, until: Date): void {
    if (!this.isNew(ownerId)) return;
    this.log.warn(
      { ownerId, tokenId, until },
      'a replica has not said what became of its requests, and their tokens wait for it: see its log, or bring it back with its spool folder',
    );
  }

  private isNew(what: string): boolean {
    const now = this.monotonicNow();
    if (now < (this.toldAt.get(what) ?? -Infinity) + TOLD_MS) return false;
    this.toldAt.set(what, now);
    return true;
  }
}
