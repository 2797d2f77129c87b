import type { Transaction } from '../database/unit-of-work.js';
import type { Answer } from '../idempotency/idempotency.service.js';
import type { HubProvider } from '../issuer/hub-provider.js';
import type { RequestContext } from '../request-context.js';
import type { TokenOutcome } from './token-outcome.js';
import type { TokenParties } from './token-parties.js';
import type { ResetOutcome } from './token-reset.service.js';
import type { TokenEntity } from './token.entity.js';
import type { RequestTokenInput, ResetTokenInput } from './token.input.js';

/** To be called in the commit that stores what was made. */
export type Complete = (tx: Transaction, answer: Answer) => Promise<void>;

/**
 * Who gives tokens their credentials: a provider elsewhere, which is asked, or the hub itself, which mints them. What
 * ends a token is the same for both, but for what must be told elsewhere.
 */
export interface Authority {
  /** Makes a token and its first credential. @throws UserError */
  request(ctx: RequestContext, input: RequestTokenInput, complete: Complete): Promise<TokenOutcome>;

  /**
   * A new credential in the place of the one that is there.
   *
   * @param token as it was read at this moment
   * @param expectedGeneration the generation the caller holds: where the token has a newer one, nothing is done
   * @throws UserError
   */
  refresh(ctx: RequestContext, token: TokenEntity, expectedGeneration: number | null): Promise<TokenOutcome>;

  /** The token obtained anew, with what changes of it. @throws UserError */
  reset(ctx: RequestContext, token: TokenEntity, input: ResetTokenInput): Promise<ResetOutcome>;
}

/** Tells by the provider whose authority a token is under. */
export class Authorities {
  constructor(
    private readonly elsewhere: Authority,
    private readonly hub: Authority,
    private readonly hubProvider: Pick<HubProvider, 'is'>,
    private readonly parties: TokenParties,
  ) {}

  /** Whether the hub itself issues the token. */
  isOurs({ providerId }: Pick<TokenEntity, 'providerId'>): boolean {
    return this.hubProvider.is(providerId);
  }

  of(token: TokenEntity): Authority {
    return this.isOurs(token) ? this.hub : this.elsewhere;
  }

  /** Of a token that is to be made with these. @throws UserError NOT_FOUND */
  async forNew(ctx: RequestContext, input: Pick<RequestTokenInput, 'providerId' | 'clientId'>): Promise<Authority> {
    const providerId = await this.parties.providerIdOf(ctx, input);
    return providerId !== null && this.hubProvider.is(providerId) ? this.hub : this.elsewhere;
  }
}
