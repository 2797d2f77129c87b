import type { Clock } from '../database/clock.js';
import { enterGuard } from '../database/guard.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import type { Log } from '../log.js';
import { ProviderFailure } from '../oauth/provider-failure.js';
import type { ExchangeFailedError } from './exchange-failed.error.js';
import { pausedIds } from './refresh-claims.js';
import { RefreshPauseEntity } from './refresh-pause.entity.js';
import type { RefreshPauseRepository } from './refresh-pause.repository.js';
import type { TokenError } from './token-error.js';
import type { TokenEntity } from './token.entity.js';

type Place = Pick<TokenEntity, 'providerId' | 'clientId'>;

const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 10 * 60_000;
/** A provider may ask for more: beyond this it is asked whether it meant it. */
const LONGEST_ASKED_MS = 60 * 60_000;
/** Outages of a provider in a row. A client that is refused once is refused with every token. */
const OUTAGES_TO_PAUSE = 5;

/**
 * Spares providers that do not answer and clients that are refused: one alarm and one probe an interval, of all replicas
 * together, instead of an error on each of their tokens.
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
  ) {}

  /** Reads what the replicas know. @returns the ids of the providers and clients at which nothing can be sent now */
  async look(): Promise<string[]> {
    this.known = new Map((await this.pauses.all()).map((pause) => [pause.id, pause]));
    return pausedIds(this.known.values(), this.clock.now());
  }

  /** Until when the provider asked to send it nothing; null when it did not. */
  askedToWaitUntil({ providerId }: Place): Date | null {
    const pause = this.known.get(providerId);
    return pause?.isAsked && pause.endsAt > this.clock.now() ? pause.endsAt : null;
  }

  /** Whoever caused the request that failed: what the provider asks to wait is for all of its tokens. */
  async noteAsked({ providerId }: Place, { cause }: ExchangeFailedError): Promise<void> {
    if (!(cause instanceof ProviderFailure) || cause.retryAfterMs === undefined) return;
    const asked = Math.min(cause.retryAfterMs, LONGEST_ASKED_MS);
    const endsAt = new Date(this.clock.now().getTime() + asked);
    await this.save(providerId, { endsAt, lengthMs: FIRST_PAUSE_MS, isAsked: true });
  }

  /**
   * What a renewal by itself came to.
   *
   * @param failure null after a success
   * @param isProbe whether it was to tell if the pause is over
   */
  async ended({ clientId, providerId }: Place, failure: TokenError | null, isProbe: boolean): Promise<void> {
    const ofClient = await this.note(clientId, failure?.clientLevel ?? false, 1, isProbe);
    if (ofClient === 'BEGUN') {
      const alarm = `a provider refuses a client: check its client id, its secret and how it authenticates; none of its tokens is refreshed until that works`;
      this.log.error({ clientId, providerId, error: failure?.error }, alarm);
    }
    if (ofClient === 'ENDED') this.log.info({ clientId, providerId }, 'the provider takes the client again');
    const isOutage = failure !== null && !failure.permanent;
    const ofProvider = await this.note(providerId, isOutage, OUTAGES_TO_PAUSE, isProbe);
    if (ofProvider === 'BEGUN')
      this.log.error({ providerId, error: failure?.error }, 'a provider does not answer: it is asked now and then');
    if (ofProvider === 'ENDED') this.log.info({ providerId }, 'the provider answers again');
  }

  private async note(
    id: string,
    isOutage: boolean,
    outagesToPause: number,
    isProbe: boolean,
  ): Promise<'BEGUN' | 'ENDED' | null> {
    const pause = this.known.get(id);
    const outages = isOutage ? (this.outages.get(id) ?? 0) + 1 : 0;
    this.outages.set(id, outages);
    if (pause && isProbe) {
      if (isOutage) await this.lengthen(pause);
      else await this.end(id);
      return isOutage ? null : 'ENDED';
    }
    return !pause && outages >= outagesToPause && (await this.begin(id)) ? 'BEGUN' : null;
  }

  /** @returns false when another replica has noticed before */
  private async begin(id: string): Promise<boolean> {
    const now = this.clock.now();
    return this.unitOfWork.run(async (tx) => {
      await enterGuard(tx, 'refreshes');
      if (await this.pauses.findById(id, tx)) return false;
      await this.pauses.save(tx, { id, endsAt: after(now, FIRST_PAUSE_MS), lengthMs: FIRST_PAUSE_MS, isAsked: false });
      return true;
    });
  }

  private async lengthen({ id, lengthMs }: RefreshPauseEntity): Promise<void> {
    const longer = Math.min(LONGEST_PAUSE_MS, lengthMs * 2);
    await this.save(id, { endsAt: after(this.clock.now(), longer), lengthMs: longer, isAsked: false });
  }

  private async save(id: string, rest: Omit<RefreshPauseEntity, 'id'>): Promise<void> {
    const pause = Object.assign(new RefreshPauseEntity(), { id, ...rest });
    this.known.set(id, pause);
    await this.unitOfWork.run((tx) => this.pauses.save(tx, pause));
  }

  private async end(id: string): Promise<void> {
    this.known.delete(id);
    await this.unitOfWork.run((tx) => this.pauses.delete(tx, [id]));
  }
}

function after(now: Date, ms: number): Date {
  return new Date(now.getTime() + ms);
}
