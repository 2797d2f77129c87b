import type { Clock } from '../database/clock.js';
import { enterGuard } from '../database/guard.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import type { Log } from '../log.js';
import { ProviderFailure } from '../oauth/provider-failure.js';
import type { ExchangeFailedError } from './exchange-failed.error.js';
import type { ProviderRests } from './provider-rests.js';
import { pausedIds } from './refresh-claims.js';
import type { RefreshPauseEntity } from './refresh-pause.entity.js';
import type { RefreshPauseRepository } from './refresh-pause.repository.js';
import type { TokenError } from './token-error.js';
import type { TokenEntity } from './token.entity.js';

/** What a renewal tells of its provider or client. */
type Result = 'ANSWERED' | 'OUTAGE' | 'UNKNOWN';
type Place = Pick<TokenEntity, 'providerId' | 'clientId'>;
type Change = 'BEGUN' | 'ENDED' | null;

interface Noting {
  outagesToPause: number;
  isProbe: boolean;
  /** Until it is probed for the first time. */
  firstPauseMs?: number;
}

const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 10 * 60_000;
/** A provider may ask for more: beyond this it is asked whether it meant it. */
const LONGEST_ASKED_MS = 60 * 60_000;
/** Outages of a provider in a row. A client that is refused once is refused with every token. */
const OUTAGES_TO_PAUSE = 5;

/**
 * Spares providers that do not answer and clients that are refused: one alarm and one probe an interval, of all replicas
 * together, instead of an error on each of their tokens.
 *
 * A replica that could send nothing to a provider may have a broken network itself. So it asks the others at once, and
 * leaves the probe to them: it rests from the provider until after the next one. If another replica gets through, the
 * pause has ended, and the one that does not goes on resting alone. If none does, each has left one probe to the others,
 * and the pause holds for all. Whoever changes the provider ends the pause and the rests: it is tried at once.
 */
export class RefreshPace {
  private known = new Map<string, RefreshPauseEntity>();
  /** In a row, by the id of the provider or client. */
  private readonly outages = new Map<string, number>();

  constructor(
    private readonly pauses: RefreshPauseRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly rests: ProviderRests,
  ) {}

  /** Reads what the replicas know. @returns the ids of the providers and clients at which nothing can be sent now */
  async look(): Promise<string[]> {
    this.known = new Map((await this.pauses.all()).map((pause) => [pause.id, pause]));
    return [...pausedIds(this.known.values(), this.clock.now()), ...(await this.rests.look())];
  }

  /** Until when the provider asked to send it nothing; null when it did not. */
  askedToWaitUntil({ providerId }: Place): Date | null {
    const pause = this.known.get(providerId);
    return pause?.isAsked && pause.endsAt > this.clock.now() ? pause.endsAt : null;
  }

  /** Whoever caused the request that failed: what the provider asks to wait is for all of its tokens. */
  async noteAsked({ providerId }: Place, { cause }: ExchangeFailedError): Promise<void> {
    if (!(cause instanceof ProviderFailure) || cause.retryAfterMs === undefined) return;
    const endsAt = after(this.clock.now(), Math.min(cause.retryAfterMs, LONGEST_ASKED_MS));
    await this.change(providerId, (stored) => {
      if (stored && stored.endsAt >= endsAt) return stored;
      return { lengthMs: FIRST_PAUSE_MS, ...stored, id: providerId, endsAt, isAsked: true };
    });
  }

  /**
   * What a renewal by itself came to.
   *
   * @param failure null after a success
   * @param isProbe whether it was to tell if the pause is over
   */
  async ended({ clientId, providerId }: Place, failure: TokenError | null, isProbe: boolean): Promise<void> {
    const ofClient = await this.note(clientId, clientResult(failure), { outagesToPause: 1, isProbe });
    if (ofClient === 'BEGUN') {
      const alarm = `a provider refuses a client: check its client id, its secret and how it authenticates; none of its tokens is refreshed until that works`;
      this.log.error({ clientId, providerId, error: failure?.error }, alarm);
    }
    if (ofClient === 'ENDED') this.log.info({ clientId, providerId }, 'the provider takes the client again');
    const ofProvider = failure?.unsent
      ? await this.noteUnsent(providerId, failure, isProbe)
      : await this.noteSent(providerId, failure, isProbe);
    if (ofProvider === 'BEGUN')
      this.log.error({ providerId, error: failure?.error }, 'a provider does not answer: it is asked now and then');
    if (ofProvider === 'ENDED') this.log.info({ providerId }, 'the provider answers again');
    // Of the client it has told nothing: another replica may reach the provider.
    if (isProbe && failure?.unsent) await this.giveBack(clientId);
  }

  /** Whoever caused a request that succeeded: this replica need not leave the provider to others any more. */
  reached({ providerId }: Place): void {
    this.rests.end(providerId);
  }

  /** A probe by which nothing was sent: another one may be. */
  async probeNotSent({ clientId, providerId }: Place): Promise<void> {
    for (const id of [clientId, providerId]) await this.giveBack(id);
  }

  private async giveBack(id: string): Promise<void> {
    if (!this.known.has(id)) return;
    const now = this.clock.now();
    await this.change(id, (stored) => (stored && !stored.isAsked ? { ...stored, endsAt: now } : stored));
  }

  private noteSent(id: string, failure: TokenError | null, isProbe: boolean): Promise<Change> {
    this.rests.end(id);
    return this.note(id, providerResult(failure), { outagesToPause: OUTAGES_TO_PAUSE, isProbe });
  }

  private async noteUnsent(id: string, failure: TokenError, isProbe: boolean): Promise<Change> {
    // As long as it is left alone a pause is for the others to begin: they have been asked.
    const outagesToPause = this.rests.has(id) ? Infinity : OUTAGES_TO_PAUSE;
    const result = providerResult(failure);
    // A client may have been probed, at a provider that others reach.
    const isProbed = isProbe && this.known.has(id);
    const change = await this.note(id, result, { outagesToPause, isProbe, firstPauseMs: 0 });
    const isLeft = isProbed || this.rests.has(id) || (this.outages.get(id) ?? 0) >= OUTAGES_TO_PAUSE;
    if (result === 'OUTAGE' && isLeft) await this.leave(id, failure);
    return change;
  }

  /** To the other replicas, until after the next probe. */
  private async leave(id: string, { error }: TokenError): Promise<void> {
    const pause = this.known.get(id);
    const isNew = await this.rests.begin(id, pause ? pause.endsAt.getTime() - this.clock.now().getTime() : 0);
    if (isNew && !pause)
      this.log.warn({ providerId: id, error }, 'this replica reaches nothing at a provider, and leaves it to others');
  }

  private async note(
    id: string,
    result: Result,
    { firstPauseMs = FIRST_PAUSE_MS, isProbe, outagesToPause }: Noting,
  ): Promise<Change> {
    if (result === 'UNKNOWN') return null;
    const isOutage = result === 'OUTAGE';
    const outages = isOutage ? (this.outages.get(id) ?? 0) + 1 : 0;
    this.outages.set(id, outages);
    const isPaused = this.known.has(id);
    if (isPaused && isProbe) return isOutage ? this.lengthen(id) : this.end(id);
    return !isPaused && outages >= outagesToPause ? this.begin(id, firstPauseMs) : null;
  }

  /** @returns null when another replica has noticed before */
  private async begin(id: string, pauseMs: number): Promise<'BEGUN' | null> {
    const endsAt = after(this.clock.now(), pauseMs);
    const first = { id, endsAt, lengthMs: FIRST_PAUSE_MS, isAsked: false };
    const before = await this.change(id, (stored) => stored ?? first);
    return before ? null : 'BEGUN';
  }

  /** What the provider has asked for since, or somebody has mended, stays. */
  private async lengthen(id: string): Promise<null> {
    const now = this.clock.now();
    await this.change(id, (stored) => {
      if (!stored || stored.isAsked) return stored;
      const lengthMs = Math.min(LONGEST_PAUSE_MS, stored.lengthMs * 2);
      return { ...stored, lengthMs, endsAt: after(now, lengthMs) };
    });
    return null;
  }

  private async end(id: string): Promise<'ENDED' | null> {
    const before = await this.change(id, (stored) => (stored?.isAsked ? stored : null));
    return before && !before.isAsked ? 'ENDED' : null;
  }

  /**
   * Decides by what is stored, one replica at a time.
   *
   * @param next null: no pause
   * @returns what was stored before
   */
  private async change(
    id: string,
    next: (stored: RefreshPauseEntity | null) => RefreshPauseEntity | null,
  ): Promise<RefreshPauseEntity | null> {
    const [before, wanted] = await this.unitOfWork.run(async (tx) => {
      await enterGuard(tx, 'refreshes');
      const stored = await this.pauses.findById(id, tx);
      const changed = next(stored);
      if (changed && changed !== stored) await this.pauses.save(tx, changed);
      if (stored && !changed) await this.pauses.delete(tx, [id]);
      return [stored, changed];
    });
    if (wanted) this.known.set(id, wanted);
    else this.known.delete(id);
    return before;
  }
}

/** A refusal for another reason shows that the client is known. */
function clientResult(failure: TokenError | null): Result {
  if (failure?.clientLevel) return 'OUTAGE';
  return failure === null || failure.permanent ? 'ANSWERED' : 'UNKNOWN';
}

function providerResult(failure: TokenError | null): Result {
  if (failure === null || failure.permanent) return 'ANSWERED';
  // The hub itself was too slow to send it.
  return failure.error === 'deadline' ? 'UNKNOWN' : 'OUTAGE';
}

function after(now: Date, ms: number): Date {
  return new Date(now.getTime() + ms);
}
