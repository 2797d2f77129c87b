import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.js';
import type { IdempotencyService } from '../idempotency/idempotency.service.js';
import { requireUnnamedTokens } from '../reach.js';
import type { RequestContext } from '../request-context.js';
import type { Authorities, Complete } from './authority.js';
import { maySeeUser } from '../user/user-visibility.js';
import type { TokenConnect } from './token-connect.js';
import { askProblems, labelProblems, scheduleProblems } from './token-ask-rules.js';
import type { TokenDrafts } from './token-draft.js';
import type { TokenOutcome, TokenProblem } from './token-outcome.js';
import type { TokenParties } from './token-parties.js';
import { alreadyShown, issuedHere, renewalRemedy, revokedForGood } from './token-remedy.js';
import type { TokenReadService } from './token-read.service.js';
import type { TokenEntity } from './token.entity.js';
import type {
  ImportTokenInput,
  RequestTokenInput,
  RetryTokenRequestInput,
  StartAuthorizationInput,
} from './token.input.js';
import { noSuchParty, type TokenStore } from './token-store.js';

/** Longer than an exchange may take. */
const REPEAT_LIMIT_MS = 30_000;
const POLL_MS = 100;

interface Sources {
  parties: TokenParties;
  drafts: TokenDrafts;
  reads: TokenReadService;
}

/** Makes tokens and obtains their first credential; a failure leaves the token, with its error. */
export class TokenRequestService {
  constructor(
    private readonly sources: Sources,
    private readonly store: TokenStore,
    private readonly connect: TokenConnect,
    private readonly authorities: Authorities,
    private readonly idempotency: IdempotencyService,
  ) {}

  request(ctx: RequestContext, input: RequestTokenInput): Promise<TokenOutcome> {
    return this.once(ctx, 'requestToken', input, async (complete) =>
      (await this.authorities.forNew(ctx, input)).request(ctx, input, complete),
    );
  }

  /** The refresh token is spent once, which proves it. */
  import(ctx: RequestContext, input: ImportTokenInput): Promise<TokenOutcome> {
    return this.once(ctx, 'importToken', input, async (complete) => {
      const problems = [
        ...askProblems(input, 'REFRESH_TOKEN'),
        ...labelProblems(input),
        ...scheduleProblems(input, 'REFRESH_TOKEN'),
      ];
      if (problems.length > 0) throw new UserError(problems);
      const parties = await this.sources.parties.forImport(ctx, input);
      const token = this.sources.drafts.draft(input, parties, { grantType: 'REFRESH_TOKEN' });
      const connect = await this.connect.prepareImport(token, input.refreshToken);
      await this.store.create(ctx, token, input.labels ?? [], complete);
      return connect(ctx);
    });
  }

  /** Asks again with the same inputs. */
  async retry(ctx: RequestContext, { id, returnTo }: RetryTokenRequestInput): Promise<TokenOutcome> {
    this.connect.checkReturnTo(returnTo);
    const token = await this.usable(ctx, id, 'id');
    if (this.authorities.isOurs(token)) throw issuedHere(token);
    if (token.grantType === 'REFRESH_TOKEN') {
      throw new UserError({
        code: 'NOT_SUPPORTED',
        field: ['id'],
        message: 'An import cannot be repeated, as its refresh token is not kept: delete the token and import again.',
      });
    }
    // What it holds would be dropped without being revoked.
    if (token.connectionState === 'CONNECTED' || (token.issuedAt && token.grantType !== 'AUTHORIZATION_CODE')) {
      const message = `${token.name} was obtained already: use refreshToken or resetToken.`;
      throw new UserError({ code: 'CONFLICT', field: ['id'], message });
    }
    return (await this.connect.prepare(token, returnTo ?? null))(ctx);
  }

  /** A link to connect the token, or to connect it again in place. */
  async startAuthorization(ctx: RequestContext, input: StartAuthorizationInput): Promise<TokenOutcome> {
    const { allowOtherAccount, returnTo, tokenId } = input;
    this.connect.checkReturnTo(returnTo);
    const token = await this.usable(ctx, tokenId, 'tokenId');
    if (this.authorities.isOurs(token)) throw noLink(token);
    if (token.grantType !== 'AUTHORIZATION_CODE') {
      const message = `${token.grantType} needs no person: use refreshToken, or ${renewalRemedy(token.grantType)}`;
      throw new UserError({ code: 'GRANT_TYPE_NOT_ALLOWED', field: ['tokenId'], message });
    }
    return this.connect.byPerson(ctx, token, { returnTo: returnTo ?? null, allowOtherAccount });
  }

  private async usable(ctx: RequestContext, id: string, field: string): Promise<TokenEntity> {
    const token = await this.sources.reads.toChange(ctx, id, field);
    if (token.revokedAt) throw revokedForGood(token, field);
    return token;
  }

  private once(
    ctx: RequestContext,
    mutation: string,
    input: RequestTokenInput | ImportTokenInput,
    execute: (complete: Complete) => Promise<TokenOutcome>,
  ): Promise<TokenOutcome> {
    requireUnnamedTokens(ctx, mutation);
    if (input.userId != null && !maySeeUser(ctx, input.userId)) throw noSuchParty();
    const request = { mutation, key: input.idempotencyKey, input };
    return this.idempotency.run(ctx, request, { execute, repeat: ({ tokenId }) => this.repeated(ctx, tokenId ?? '') });
  }

  /** Waits for the first call to end, and tells how it did. */
  private async repeated(ctx: RequestContext, id: string): Promise<TokenOutcome> {
    const giveUpAt = performance.now() + REPEAT_LIMIT_MS;
    let token = await this.sources.reads.toChange(ctx, id, 'idempotencyKey');
    while (isUnderWay(token) && performance.now() < giveUpAt) {
      await sleep(POLL_MS);
      token = await this.sources.reads.existing(id, 'idempotencyKey');
    }
    const userErrors = this.authorities.isOurs(token) ? [alreadyShown(token)] : problemsOf(token);
    return { token, warnings: this.connect.warningsOf(token), userErrors };
  }
}

function noLink({ grantType, name }: TokenEntity): UserError {
  const message =
    grantType === 'AUTHORIZATION_CODE'
      ? `${name} is issued by the hub: its third party begins at the authorization endpoint itself, /oauth/authorize.`
      : `${name} is issued by the hub and needs no person: use refreshToken or resetToken.`;
  return new UserError({ code: 'NOT_SUPPORTED', field: ['tokenId'], message });
}

function isUnderWay({ grantType, issuedAt, lastError }: TokenEntity): boolean {
  return issuedAt === null && lastError === null && grantType !== 'AUTHORIZATION_CODE';
}

function problemsOf(token: TokenEntity): TokenProblem[] {
  const { issuedAt, lastError } = token;
  // Of one that was obtained, an error is of a later refresh.
  if (lastError && !issuedAt) return [{ code: lastError.code, message: lastError.message, providerError: lastError }];
  if (issuedAt) return [];
  if (isUnderWay(token)) {
    const message =
      'The first call has not ended, or was interrupted: look again in a minute, then use retryTokenRequest.';
    return [{ code: 'CONFLICT', field: ['idempotencyKey'], message }];
  }
  const message = 'The link was in the first answer and is not shown again: make a new one with startAuthorization.';
  return [{ code: 'SECRET_ALREADY_SHOWN', field: ['idempotencyKey'], message }];
}
