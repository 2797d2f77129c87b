import { UserError } from '../errors.js';
import type { RequestContext } from '../request-context.js';
import type { Authorities } from './authority.js';
import type { TokenOutcome } from './token-outcome.js';
import type { TokenReadService } from './token-read.service.js';
import type { ResetOutcome } from './token-reset.service.js';
import type { TokenEntity } from './token.entity.js';
import type { RefreshTokenInput, ResetTokenInput } from './token.input.js';

/** Renews one token for a person or a script, whoever issues it. */
export class TokenRenewService {
  constructor(
    private readonly reads: TokenReadService,
    private readonly authorities: Authorities,
  ) {}

  /** @throws UserError */
  async refresh(ctx: RequestContext, { expectedGeneration = null, id }: RefreshTokenInput): Promise<TokenOutcome> {
    const token = await this.reads.toChange(ctx, id);
    if (expectedGeneration !== null && expectedGeneration > token.generation) throw notThereYet(token);
    return this.authorities.of(token).refresh(ctx, token, expectedGeneration);
  }

  /** @throws UserError */
  async reset(ctx: RequestContext, input: ResetTokenInput): Promise<ResetOutcome> {
    const token = await this.reads.toChange(ctx, input.id);
    return this.authorities.of(token).reset(ctx, token, input);
  }
}

function notThereYet({ generation, name }: TokenEntity): UserError {
  const message = `${name} has the generation ${generation} and had none above it: read it again.`;
  return new UserError({ code: 'CONFLICT', field: ['expectedGeneration'], message });
}
