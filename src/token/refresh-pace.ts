import { Pace } from '../background/pace.js';
import type { Log } from '../log.js';
import type { TokenError } from './token-error.js';
import type { TokenEntity } from './token.entity.js';

type Place = Pick<TokenEntity, 'providerId' | 'clientId'>;

/** Background refreshes at one provider at a time, in one process. */
const CAP = 8;

/**
 * Spares providers that do not answer and clients that are refused: one alarm and one probe an interval, instead of an
 * error on each of their tokens.
 */
export class RefreshPace {
  private readonly providers = new Pace({ cap: CAP, outagesToClose: 5 });
  private readonly clients = new Pace({ cap: Infinity, outagesToClose: 1 });

  constructor(private readonly log: Log) {}

  /** @returns 0 when the token may be refreshed, which `leave` must follow; else the milliseconds to wait */
  enter({ clientId, providerId }: Place): number {
    const forClient = this.clients.enter(clientId);
    if (forClient > 0) return forClient;
    const forProvider = this.providers.enter(providerId);
    if (forProvider > 0) this.clients.abandon(clientId);
    return forProvider;
  }

  /** Where nothing can be sent now: it need not even be asked. */
  spared(): { providerIds: string[]; clientIds: string[] } {
    return { providerIds: this.providers.unavailable(), clientIds: this.clients.unavailable() };
  }

  /** Gives back what was entered where nothing was sent. */
  abandon({ clientId, providerId }: Place): void {
    this.clients.abandon(clientId);
    this.providers.abandon(providerId);
  }

  /** @param failure null after a success */
  leave({ clientId, providerId }: Place, failure: TokenError | null): void {
    const ofClient = this.clients.leave(clientId, failure?.clientLevel ? 'OUTAGE' : 'ANSWERED');
    if (ofClient === 'CLOSED') {
      const alarm = `a provider refuses a client: check its client id, its secret and how it authenticates; none of its tokens is refreshed until that works`;
      this.log.error({ clientId, providerId, error: failure?.error }, alarm);
    }
    if (ofClient === 'OPENED') this.log.info({ clientId, providerId }, 'the provider takes the client again');
    const isOutage = failure !== null && !failure.permanent;
    const ofProvider = this.providers.leave(providerId, isOutage ? 'OUTAGE' : 'ANSWERED');
    if (ofProvider === 'CLOSED')
      this.log.error({ providerId, error: failure?.error }, 'a provider does not answer: it is asked now and then');
    if (ofProvider === 'OPENED') this.log.info({ providerId }, 'the provider answers again');
  }
}
