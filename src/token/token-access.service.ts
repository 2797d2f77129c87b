import type { SecretReader } from '../audit/secret-reader.js';
import type { Clock } from '../database/clock.js';
import { durationMs, isCountable } from '../duration.js';
import { BadInputError, RateLimitedError, TokenUnavailableError, UserError, type UserErrorCode } from '../errors.js';
import type { Parameter, ParameterField } from '../provider/parameter.js';
import type { HubProvider } from '../issuer/hub-provider.js';
import type { IssuedTokenReader } from '../issuer/issued-token-reader.js';
import type { RequestContext } from '../request-context.js';
import { TimeLimitError, withinLimit } from '../time-limit.js';
import { ExchangeFailedError } from './exchange-failed.error.js';
import { OutcomeUnknownError } from './exchange-doubts.js';
import type { LastUsedRecorder } from './last-used.recorder.js';
import type { Parties, TokenParties } from './token-parties.js';
import type { TokenRefreshService } from './token-refresh.service.js';
import type { TokenSecrets } from './token-secrets.js';
import { overtaken, renewalRemedy, revokedForGood } from './token-remedy.js';
import { hasOwnCredential, isFresh } from './token-status.js';
import { refreshMarginMs } from './token-warnings.js';
import type { TokenEntity } from './token.entity.js';

const DEFAULT_MIN_VALIDITY_MS = 30_000;
const WAIT_LIMIT_MS = 10_000;
const MAX_REFRESHES = 10;

interface Readers {
  secrets: TokenSecrets;
  reader: SecretReader;
  issued: IssuedTokenReader;
  hubProvider: Pick<HubProvider, 'is'>;
}

/** Hands out access tokens that are valid, refreshing first where it must: the hot path of scripts. */
export class TokenAccessService {
  /** The tokens whose refresh each operation has caused. */
  private readonly refreshes = new WeakMap<RequestContext, Set<string>>();

  constructor(
    private readonly parties: TokenParties,
    private readonly refresher: TokenRefreshService,
    private readonly readers: Readers,
    private readonly lastUsed: LastUsedRecorder,
    private readonly clock: Clock,
  ) {}

  /**
   * Never an expired one. Inside the refresh margin the stored one is served and renewed in the background.
   *
   * @param token brought up to date in place where it was renewed, or could not be
   * @param minValidity ISO 8601; given, nothing shorter-lived is served while the provider cannot be reached
   * @throws TokenUnavailableError, RateLimitedError; BadInputError for a duration that nothing can count by
   */
  async accessToken(
    ctx: RequestContext,
    token: TokenEntity,
    minValidity: string | null | undefined,
  ): Promise<string | null> {
    const now = this.clock.now();
    const parties = await this.usable(token);
    const minValidityMs = minValidity == null ? DEFAULT_MIN_VALIDITY_MS : lengthOf(minValidity, now);
    if (parties.provider.kind === 'HUB')
      return this.readers.issued.accessToken(ctx, token, parties.client, minValidity == null ? 0 : minValidityMs);
    if (isFresh(token, now, minValidityMs)) this.renewInBackground(ctx, token, parties, now);
    else await this.renew(ctx, token, minValidity != null);
    const value = await this.readers.reader.readIfStored(ctx, token.id, 'accessToken', () =>
      this.readers.secrets.open(token, 'accessToken'),
    );
    if (value !== null) this.lastUsed.used(token.id, this.clock.now());
    return value;
  }

  /**
   * A stored secret as it is. The caller's right to it has been checked.
   *
   * @throws TokenUnavailableError where there is only a hash of it
   */
  async stored(ctx: RequestContext, token: TokenEntity, field: 'refreshToken' | 'idToken'): Promise<string | null> {
    const { hubProvider, issued } = this.readers;
    if (field === 'refreshToken' && hubProvider.is(token.providerId)) return issued.refreshToken(token);
    return this.readers.reader.readIfStored(ctx, token.id, field, () => this.readers.secrets.open(token, field));
  }

  /** With the record they belong to, for the audit trail of those that are secret. */
  async parameters(
    token: TokenEntity,
    field: ParameterField,
  ): Promise<(Parameter & { ownerId: string; field: string })[]> {
    const parameters = await this.readers.secrets.parameters.open(token, field);
    return parameters.map((each) => ({ ...each, ownerId: token.id, field }));
  }

  private async usable(token: TokenEntity): Promise<Parties> {
    const unavailable = (code: UserErrorCode, message: string) =>
      new TokenUnavailableError(code, message, { tokenId: token.id, permanent: true, retryAt: null });
    if (token.revokedAt) throw unavailable('DISABLED', `${token.name} is revoked: request a new token.`);
    if (!token.enabled) throw unavailable('DISABLED', `${token.name} is switched off: switch it on with updateToken.`);
    if (!token.issuedAt && !token.lastError) {
      throw unavailable(
        'AUTHORIZATION_REQUIRED',
        `${token.name} is not connected yet: open the link of startAuthorization, or use retryTokenRequest.`,
      );
    }
    try {
      return await this.parties.asRead(token);
    } catch (error) {
      throw error instanceof UserError ? unavailable('DISABLED', error.message) : error;
    }
  }

  private async renew(ctx: RequestContext, token: TokenEntity, isExplicit: boolean): Promise<void> {
    if (!this.mayRefresh(ctx, token)) {
      const message = `One operation refreshes at most ${MAX_REFRESHES} tokens: ask for the others in another.`;
      const now = this.clock.now();
      throw new RateLimitedError(message, now, now);
    }
    try {
      Object.assign(token, await this.notTooLong(this.join(ctx, token), token));
      if (!isFresh(token, this.clock.now(), 0)) throw overtaken(token);
    } catch (error) {
      if (!isTold(error)) throw error;
      Object.assign(token, await this.refresher.find(token.id));
      if (token.revokedAt) throw unavailable(token, revokedForGood(token));
      if (isExplicit || !isFresh(token, this.clock.now(), 0)) throw unavailable(token, error);
    }
  }

  /** Readers send nothing before the provider wants it, and no refresh token that was refused for good. */
  private async join(ctx: RequestContext, token: TokenEntity): Promise<TokenEntity> {
    const { lastError } = token;
    if (lastError && isBackingOff(token, this.clock.now())) throw new ExchangeFailedError(token.id, lastError);
    const isRefused = !token.renewable && (token.refreshToken !== null || hasOwnCredential(token));
    if (!isRefused || !token.issuedAt) return this.refresher.join(ctx, token);
    throw new TokenUnavailableError(
      'REAUTHORIZATION_REQUIRED',
      `The provider refused to renew ${token.name}: ${renewalRemedy(token.grantType)}`,
      { tokenId: token.id, permanent: true, retryAt: null },
    );
  }

  private renewInBackground(ctx: RequestContext, token: TokenEntity, { provider }: Parties, now: Date): void {
    const isDue = !isFresh(token, now, refreshMarginMs(token, provider, now));
    if (!isDue || !token.autoRefresh || !token.renewable || isBackingOff(token, now)) return;
    if (token.lastError?.permanent || !this.mayRefresh(ctx, token)) return;
    // A failure is on the token already, in words.
    this.refresher.join(ctx, token).catch(() => undefined);
  }

  /** Each token counts once in an operation, however often it is named. */
  private mayRefresh(ctx: RequestContext, { id }: TokenEntity): boolean {
    const caused = this.refreshes.get(ctx) ?? new Set();
    this.refreshes.set(ctx, caused);
    if (caused.size < MAX_REFRESHES) caused.add(id);
    return caused.has(id);
  }

  /** The flight goes on; only this caller stops waiting. */
  private async notTooLong(flight: Promise<TokenEntity>, token: TokenEntity): Promise<TokenEntity> {
    try {
      return await withinLimit(flight, WAIT_LIMIT_MS);
    } catch (error) {
      if (!(error instanceof TimeLimitError)) throw error;
      const details = { tokenId: token.id, permanent: false, retryAt: this.clock.now().toISOString() };
      const message = `The provider of ${token.name} is slow: the refresh goes on, ask again.`;
      throw new TokenUnavailableError('PROVIDER_UNREACHABLE', message, details, { cause: error });
    }
  }
}

function lengthOf(minValidity: string, now: Date): number {
  if (isCountable(minValidity)) return durationMs(minValidity, now);
  throw new BadInputError('Write minValidity in whole units, not negative, such as PT5M.', ['minValidity']);
}

/** Whether a failure asked to wait. */
function isBackingOff({ lastError }: TokenEntity, now: Date): boolean {
  return lastError?.retryAt != null && new Date(lastError.retryAt) > now;
}

/** What callers can act on. Whatever else was thrown is a fault, and nobody's business but the operator's. */
type Told = UserError | ExchangeFailedError | TokenUnavailableError;

function isTold(error: unknown): error is Told {
  return [UserError, ExchangeFailedError, TokenUnavailableError].some((each) => error instanceof each);
}

function unavailable(token: TokenEntity, error: Told): TokenUnavailableError {
  if (error instanceof TokenUnavailableError) return error;
  const isBusy = error.code === 'CONFLICT' || error.code === 'INTERNAL';
  const { permanent = !isBusy, retryAt = null } = detailsOf(error);
  return new TokenUnavailableError(
    error.code,
    error.message,
    { tokenId: token.id, permanent, retryAt },
    { cause: error },
  );
}

function detailsOf(error: Told): { permanent?: boolean; retryAt?: string | null } {
  if (error instanceof ExchangeFailedError) return error.tokenError;
  return error instanceof OutcomeUnknownError ? { permanent: false, retryAt: error.mayRepeatAt.toISOString() } : {};
}
