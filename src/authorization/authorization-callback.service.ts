import type { Clock } from '../database/clock.js';
import { UserError } from '../errors.js';
import { authorizationState, readAuthorizationResponse } from '../oauth/authorization-response.js';
import { ProviderFailure } from '../oauth/provider-failure.js';
import type { RequestContext } from '../request-context.js';
import { ExchangeFailedError } from '../token/exchange-failed.error.js';
import type { TokenConnection } from '../token/token-connection.js';
import type { TokenEntity } from '../token/token.entity.js';
import type { AuthorizationRequestEntity } from './authorization-request.entity.js';
import type { AuthorizationRequestRepository } from './authorization-request.repository.js';
import type { AuthorizationStartService } from './authorization-start.service.js';
import { hashOf, isHashOf } from './one-time-secret.js';
import type { UnitOfWork } from '../database/unit-of-work.js';

/** What the browser brought back. */
export interface Callback {
  /** From the path; null where it has none, which no journey was sent to. */
  providerKey: string | null;
  parameters: URLSearchParams;
  /** Cookies of journeys, by their ids. */
  cookies: ReadonlyMap<string, string>;
}

/** What a person is told. */
export interface CallbackResult {
  success: boolean;
  title: string;
  message: string;
  returnTo: string | null;
  tokenId: string | null;
  journeyId: string | null;
}

/** Why an answer is not taken, as the token keeps it and as the person reads it. */
interface Problem {
  error: string;
  title: string;
  message: string;
}

const FAILED = 'The connection failed';
const START_AGAIN = 'Ask for a new link and start again.';
const REPLAYED: Problem = {
  error: 'state_replayed',
  title: 'This answer came before',
  message: `An answer is taken once only. ${START_AGAIN}`,
};

/** Takes browsers back from providers: binds the answer to its journey, spends the code, says what happened. */
export class AuthorizationCallbackService {
  constructor(
    private readonly requests: AuthorizationRequestRepository,
    private readonly starts: AuthorizationStartService,
    private readonly tokens: TokenConnection,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  async finish(ctx: RequestContext, callback: Callback): Promise<CallbackResult> {
    const state = authorizationState(callback.parameters);
    const request = state === undefined ? null : await this.requests.findByState(hashOf(state));
    if (state === undefined || !request) return this.refuseUnknown(ctx, callback);
    const problem = await this.problemOf(request, callback);
    return problem ? this.refuse(ctx, request, problem) : this.connect(ctx, request, state, callback);
  }

  private async refuse(ctx: RequestContext, request: AuthorizationRequestEntity, problem: Problem) {
    await this.tokens.refuse(ctx, request.tokenId, problem.error, problem.message);
    return refused(request, problem.title, problem.message);
  }

  /** A state that nobody has sent is told to the token whose journey the browser is on; that journey may still end well. */
  private async refuseUnknown(ctx: RequestContext, { cookies }: Callback): Promise<CallbackResult> {
    const message = `The answer belongs to no authorization that was started here. ${START_AGAIN}`;
    const open = await this.requests.findOpen([...cookies.keys()], this.clock.now());
    const [own, ...others] = open.filter(({ cookieHash, id }) => isHashOf(cookieHash, cookies.get(id)));
    if (own && others.length === 0) await this.tokens.refuse(ctx, own.tokenId, 'state_unknown', message);
    return refused(null, 'This link is not known here', message);
  }

  private async problemOf(request: AuthorizationRequestEntity, callback: Callback): Promise<Problem | undefined> {
    if (request.usedAt) return REPLAYED;
    if (request.expiresAt <= this.clock.now()) {
      return {
        error: 'state_expired',
        title: 'This took too long',
        message: `A link is good for ten minutes. ${START_AGAIN}`,
      };
    }
    if (!isHashOf(request.cookieHash, callback.cookies.get(request.id))) {
      const message = `The answer came from another browser than the one that opened the link, or cookies are blocked. ${START_AGAIN}`;
      return { error: 'cookie_missing', title: 'This browser did not start here', message };
    }
    const { key } = await this.tokens.providerOf(request.tokenId);
    if (callback.providerKey !== key) {
      return {
        error: 'wrong_callback',
        title: 'This answer is for another provider',
        message: `The answer came to the wrong address. ${START_AGAIN}`,
      };
    }
    return undefined;
  }

  private async connect(
    ctx: RequestContext,
    request: AuthorizationRequestEntity,
    state: string,
    { parameters }: Callback,
  ): Promise<CallbackResult> {
    const journey = await this.starts.open(request);
    const isFirst = await this.unitOfWork.run((tx) => this.requests.use(tx, request.id, this.clock.now()));
    if (!isFirst || !journey) return this.refuse(ctx, request, REPLAYED);
    try {
      const provider = await this.tokens.providerOf(request.tokenId);
      const code = readAuthorizationResponse(parameters, { state, issuer: provider.issuer });
      const redirectUri = this.starts.redirectUri(provider);
      const { allowOtherAccount, clientId } = request;
      const token = await this.tokens.connect(ctx, request.tokenId, {
        code,
        redirectUri,
        clientId,
        journey,
        allowOtherAccount,
      });
      return connected(request, token);
    } catch (error) {
      if (error instanceof ProviderFailure || error instanceof UserError)
        return this.refuse(ctx, request, problemIn(error));
      // The token carries it already.
      if (error instanceof ExchangeFailedError) return refused(request, FAILED, error.message);
      throw error;
    }
  }
}

function problemIn(error: ProviderFailure | UserError): Problem {
  if (error instanceof ProviderFailure) {
    const title = error.error === 'access_denied' ? 'Access was not granted' : FAILED;
    return { error: error.error, title, message: error.message };
  }
  const busy = `Another request for this token took too long. ${START_AGAIN}`;
  const message = error.code === 'CONFLICT' ? busy : error.message;
  return { error: error.code.toLowerCase(), title: FAILED, message };
}

function connected({ id, returnTo }: AuthorizationRequestEntity, token: TokenEntity): CallbackResult {
  const account = token.accountEmail ?? token.accountName;
  const message = `${token.name} is connected${account ? ` as ${account}` : ''}.`;
  return { success: true, title: 'Connected', message, returnTo, tokenId: token.id, journeyId: id };
}

function refused(request: AuthorizationRequestEntity | null, title: string, message: string): CallbackResult {
  const { id = null, returnTo = null, tokenId = null } = request ?? {};
  return { success: false, title, message, returnTo, tokenId, journeyId: id };
}
