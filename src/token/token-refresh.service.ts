import { TokenUnavailableError } from '../errors.js';
import type { RequestContext } from '../request-context.js';
import { ExchangeFailedError } from './exchange-failed.error.js';
import type { ExchangePlanner } from './exchange-planner.js';
import type { ExchangeRecovery } from './exchange-recovery.service.js';
import type { ExchangeService } from './exchange.service.js';
import type { RefreshPace } from './refresh-pace.js';
import { Flights } from './token-flights.js';
import type { TokenReadService } from './token-read.service.js';
import { hasOwnCredential } from './token-status.js';
import type { TokenEntity } from './token.entity.js';

/** Refreshes tokens, one request for each token at a time. */
export class TokenRefreshService {
  private readonly flights = new Flights<TokenEntity>();

  constructor(
    private readonly tokens: TokenReadService,
    private readonly planner: ExchangePlanner,
    private readonly exchanges: ExchangeService,
    private readonly pace: RefreshPace,
    private readonly recovery: ExchangeRecovery,
  ) {}

  /** @throws UserError, ExchangeFailedError */
  async refresh(ctx: RequestContext, id: string): Promise<TokenEntity> {
    return this.joinAsRead(ctx, await this.tokens.toChange(ctx, id));
  }

  find(id: string): Promise<TokenEntity> {
    return this.tokens.existing(id);
  }

  /**
   * Callers that come while a refresh is under way get its result.
   *
   * @throws UserError, ExchangeFailedError, TokenUnavailableError while the provider asks to be sent nothing
   */
  join(ctx: RequestContext, token: TokenEntity): Promise<TokenEntity> {
    return this.flights.join(token.id, async () => {
      const current = await this.tokens.existing(token.id);
      if (current.generation > token.generation) return current;
      const until = this.pace.askedToWaitUntil(current);
      if (until) throw askedToWait(current, until);
      return this.renew(ctx, current);
    });
  }

  /** For a row that has been read at this moment, whatever the provider asks: a change since is noticed by the lease. */
  joinAsRead(ctx: RequestContext, token: TokenEntity): Promise<TokenEntity> {
    return this.flights.join(token.id, () => this.renew(ctx, token));
  }

  private async renew(ctx: RequestContext, token: TokenEntity): Promise<TokenEntity> {
    const read = await this.recovery.readKept(token);
    if (read) return read;
    const exchange = await this.planner.forRefresh(token);
    try {
      const { token: renewed } = await this.exchanges.run(ctx, token, exchange);
      this.pace.reached(renewed);
      return renewed;
    } catch (error) {
      // The failure is what the caller must hear of, whatever comes in between.
      if (error instanceof ExchangeFailedError) await this.pace.noteAsked(token, error).catch(() => undefined);
      if (!(error instanceof ExchangeFailedError) || exchange.spent === null) throw error;
      const after = await this.tokens.existing(token.id);
      // The refresh token is dead, and the grant itself can be repeated, unless the provider has asked to wait.
      const isFollowed = after.refreshToken === null && hasOwnCredential(after);
      if (!isFollowed || this.pace.askedToWaitUntil(after)) throw error;
      return (await this.exchanges.run(ctx, after, await this.planner.forRefresh(after))).token;
    }
  }

  /** For a stop of the process: resolves when nothing is under way. */
  landed(): Promise<void> {
    return this.flights.landed();
  }
}

function askedToWait({ id, name }: TokenEntity, until: Date): TokenUnavailableError {
  const retryAt = until.toISOString();
  const message = `The provider of ${name} asks to be sent nothing before ${retryAt}: ask again then.`;
  return new TokenUnavailableError('PROVIDER_UNREACHABLE', message, { tokenId: id, permanent: false, retryAt });
}
