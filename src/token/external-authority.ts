import type { RequestContext } from '../request-context.js';
import type { Authority, Complete } from './authority.js';
import { checkRequest } from './token-ask-rules.js';
import type { TokenConnect } from './token-connect.js';
import type { TokenDrafts } from './token-draft.js';
import { refreshAnswer, type TokenOutcome } from './token-outcome.js';
import type { TokenParties } from './token-parties.js';
import type { TokenRefreshService } from './token-refresh.service.js';
import type { ResetOutcome, TokenResetService } from './token-reset.service.js';
import type { TokenStore } from './token-store.js';
import type { TokenEntity } from './token.entity.js';
import type { RequestTokenInput, ResetTokenInput } from './token.input.js';

/** Providers elsewhere, which are asked over HTTP. */
export class ExternalAuthority implements Authority {
  constructor(
    private readonly making: { parties: TokenParties; drafts: TokenDrafts; store: TokenStore },
    private readonly connect: TokenConnect,
    private readonly refreshes: TokenRefreshService,
    private readonly resets: TokenResetService,
  ) {}

  async request(ctx: RequestContext, input: RequestTokenInput, complete: Complete): Promise<TokenOutcome> {
    checkRequest(input);
    this.connect.checkReturnTo(input.returnTo);
    const { drafts, parties, store } = this.making;
    const { grantType, password, username } = input;
    const { client, provider } = await parties.forNew(ctx, input, grantType);
    const login = username != null && password != null ? { login: { username, password } } : {};
    const token = drafts.draft(input, { client, provider }, { grantType, ...login });
    parties.checkScopes(parties.scopesOf(token, client, provider), provider, grantType);
    const connect = await this.connect.prepare(token, input.returnTo ?? null);
    await store.create(ctx, token, input.labels ?? [], complete);
    return connect(ctx);
  }

  async refresh(ctx: RequestContext, token: TokenEntity, expectedGeneration: number | null): Promise<TokenOutcome> {
    const isNewer = expectedGeneration !== null && token.generation > expectedGeneration;
    const refreshed = isNewer ? Promise.resolve(token) : this.refreshes.joinAsRead(ctx, token);
    return refreshAnswer(refreshed, (id) => this.refreshes.find(id));
  }

  reset(ctx: RequestContext, token: TokenEntity, input: ResetTokenInput): Promise<ResetOutcome> {
    return this.resets.reset(ctx, token, input);
  }
}
