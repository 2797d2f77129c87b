import { UserError } from '../errors.js';
import type { Log } from '../log.js';
import type { RequestContext } from '../request-context.js';
import { ExchangeFailedError } from './exchange-failed.error.js';
import type { RevocationOutcome } from './token-enums.js';
import { problemOf, type TokenProblem } from './token-outcome.js';
import type { TokenRefreshService } from './token-refresh.service.js';
import type { TokenRevokeService } from './token-revoke.service.js';
import type { TokenEntity } from './token.entity.js';

/** Requests to providers at a time for one caller. */
const AT_ONCE = 5;

/** What became of one token of several. */
export interface BulkResult {
  tokenId: string;
  token?: TokenEntity;
  outcome?: RevocationOutcome;
  userErrors: TokenProblem[];
}

/** Does the same to several tokens; one that fails does not hold up the others. */
export class TokenBulkService {
  constructor(
    private readonly refreshes: TokenRefreshService,
    private readonly revocations: TokenRevokeService,
    private readonly log: Log,
  ) {}

  refresh(ctx: RequestContext, ids: readonly string[]): Promise<BulkResult[]> {
    return this.each(ids, async (id) => ({ token: await this.refreshes.refresh(ctx, id) }));
  }

  revoke(ctx: RequestContext, ids: readonly string[]): Promise<BulkResult[]> {
    return this.each(ids, (id) => this.revocations.revoke(ctx, id));
  }

  private async each(
    ids: readonly string[],
    work: (id: string) => Promise<Omit<BulkResult, 'tokenId' | 'userErrors'>>,
  ): Promise<BulkResult[]> {
    const results = new Map<string, BulkResult>();
    const waiting = [...new Set(ids)];
    const worker = async (): Promise<void> => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift())
        results.set(id, await this.settled(id, work));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return ids.flatMap((id) => results.get(id) ?? []);
  }

  private async settled(
    id: string,
    work: (id: string) => Promise<Omit<BulkResult, 'tokenId' | 'userErrors'>>,
  ): Promise<BulkResult> {
    try {
      return { tokenId: id, userErrors: [], ...(await work(id)) };
    } catch (error) {
      if (error instanceof ExchangeFailedError) {
        return { tokenId: id, token: await this.refreshes.find(id), userErrors: [problemOf(error)] };
      }
      if (error instanceof UserError) return { tokenId: id, userErrors: [...error.problems] };
      this.log.error({ err: error, tokenId: id }, 'One token of several failed.');
      const message = 'Something went wrong in the hub. Give the id of the token to the operator: the log says more.';
      return { tokenId: id, userErrors: [{ code: 'INTERNAL', message }] };
    }
  }
}
