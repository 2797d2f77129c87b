import { UserError } from '../errors.js';
import type { RequestContext } from '../request-context.js';
import type { ExchangePlanner } from './exchange-planner.js';
import type { RevocationService } from '../revocation/revocation.service.js';
import type { TokenConnect } from './token-connect.js';
import { resetProblems } from './token-ask-rules.js';
import type { TokenDrafts } from './token-draft.js';
import type { RevocationOutcome } from './token-enums.js';
import type { TokenOutcome } from './token-outcome.js';
import { revokedForGood } from './token-remedy.js';
import type { TokenEntity } from './token.entity.js';
import type { ResetTokenInput } from './token.input.js';

/** What a reset answers: the outcome is that of the credential from before. */
export type ResetOutcome = TokenOutcome & { outcome: RevocationOutcome | null };

/** Obtains tokens anew under the same id; the old credential lives until the new one is stored. */
export class TokenResetService {
  constructor(
    private readonly drafts: TokenDrafts,
    private readonly planner: ExchangePlanner,
    private readonly connect: TokenConnect,
    private readonly revocations: RevocationService,
  ) {}

  /** @throws UserError */
  async reset(ctx: RequestContext, before: TokenEntity, input: ResetTokenInput): Promise<ResetOutcome> {
    if (before.revokedAt) throw revokedForGood(before);
    const problems = resetProblems(input, before);
    if (problems.length > 0) throw new UserError(problems);
    this.connect.checkReturnTo(input.returnTo);
    const asked = { ...this.drafts.asked(before.id, input), ...this.drafts.login(before.id, input) };
    const wanted = { ...before, ...asked };
    if (before.grantType === 'AUTHORIZATION_CODE') {
      const options = { returnTo: input.returnTo ?? null, allowOtherAccount: false, ask: asked };
      return { ...(await this.connect.byPerson(ctx, wanted, options)), outcome: null };
    }
    const exchange = { ...(await this.planner.forGrant(wanted, 'RESET')), alsoChange: asked };
    const { replaced, ...result } = await this.connect.run(ctx, before, exchange);
    return { ...result, outcome: replaced ? await this.revocations.send(ctx, replaced) : null };
  }
}
