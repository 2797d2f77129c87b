import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { AuthorizationStartService } from '../authorization/authorization-start.service.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import type { ProviderParameters } from '../provider/provider-parameters.js';
import type { ProviderReadService } from '../provider/provider-read.service.js';
import type { RequestContext } from '../request-context.js';
import type { RevocationPlan } from '../revocation/revocation-planner.js';
import type { Warning } from '../warning.js';
import { ExchangeFailedError } from './exchange-failed.error.js';
import type { ExchangePlanner } from './exchange-planner.js';
import type { Exchange } from './exchange.js';
import type { ExchangeService } from './exchange.service.js';
import { problemOf, type TokenOutcome } from './token-outcome.js';
import type { TokenParties } from './token-parties.js';
import type { TokenReadService } from './token-read.service.js';
import type { TokenSecrets } from './token-secrets.js';
import type { TokenEntity } from './token.entity.js';

interface Exchanges {
  planner: ExchangePlanner;
  service: ExchangeService;
  reads: TokenReadService;
}

interface Journeys {
  start: AuthorizationStartService;
  parties: TokenParties;
  providerParameters: ProviderParameters;
  providerReads: Pick<ProviderReadService, 'warnings'>;
  secrets: TokenSecrets;
}

interface LinkOptions {
  returnTo: string | null;
  allowOtherAccount: boolean;
  ask?: Partial<TokenEntity>;
}

/** Obtains a credential, or a link to it, once the token is stored. */
type Connecting = (ctx: RequestContext) => Promise<TokenOutcome>;

/** Gets a token its credential: by itself where the grant allows it, by a link for a person where it does not. */
export class TokenConnect {
  constructor(
    private readonly exchanges: Exchanges,
    private readonly journeys: Journeys,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRecorder,
  ) {}

  /** @throws UserError for a return URL that is not allowed */
  checkReturnTo(returnTo: string | null | undefined): void {
    this.journeys.start.checkReturnTo(returnTo);
  }

  /** What is wrong with the way that a browser takes. */
  warningsOf({ grantType }: TokenEntity): Warning[] {
    return grantType === 'AUTHORIZATION_CODE' ? this.journeys.providerReads.warnings() : [];
  }

  /**
   * Everything that can be refused is refused here, before the token is stored.
   *
   * @returns what obtains the credential, or the link
   * @throws UserError
   */
  async prepare(token: TokenEntity, returnTo: string | null): Promise<Connecting> {
    if (token.grantType === 'AUTHORIZATION_CODE')
      return this.prepareLink(token, { returnTo, allowOtherAccount: false });
    const exchange = await this.exchanges.planner.forGrant(token, 'REQUEST');
    return (ctx) => this.run(ctx, token, exchange);
  }

  async prepareImport(token: TokenEntity, refreshToken: string): Promise<Connecting> {
    const exchange = await this.exchanges.planner.forImport(token, refreshToken);
    return (ctx) => this.run(ctx, token, exchange);
  }

  /** The credential the token has stays until the new one is stored. */
  async byPerson(ctx: RequestContext, token: TokenEntity, options: LinkOptions): Promise<TokenOutcome> {
    return (await this.prepareLink(token, options))(ctx);
  }

  private async prepareLink(token: TokenEntity, options: LinkOptions): Promise<Connecting> {
    const { parties, providerParameters, secrets, start } = this.journeys;
    const { client, provider } = await parties.toAsk(token);
    const scopes = parties.scopesOf(token, client, provider);
    parties.checkScopes(scopes, provider, token.grantType);
    const authorizationParameters = [
      ...(await providerParameters.open(provider, 'authorizationParameters')),
      ...(await secrets.parameters.open(token, 'authorizationParameters')),
    ];
    const link = start.prepare({ token, provider, client, scopes, authorizationParameters, ask: {}, ...options });
    return async (ctx) => {
      await this.unitOfWork.run(async (tx) => {
        await start.save(tx, link);
        await this.audit.record(tx, ctx, {
          action: 'AUTHORIZATION_STARTED',
          subjectId: token.id,
          detail: { provider: provider.key },
        });
      });
      return { token, authorization: link.started, warnings: this.warningsOf(token), userErrors: [] };
    };
  }

  /** A failure is an outcome: the token carries it. */
  async run(
    ctx: RequestContext,
    token: TokenEntity,
    exchange: Exchange,
  ): Promise<TokenOutcome & { replaced?: RevocationPlan | null }> {
    try {
      const result = await this.exchanges.service.run(ctx, token, exchange);
      return { token: result.token, replaced: result.replaced, warnings: [], userErrors: [] };
    } catch (error) {
      if (!(error instanceof ExchangeFailedError)) throw error;
      return { token: await this.exchanges.reads.existing(token.id), warnings: [], userErrors: [problemOf(error)] };
    }
  }
}
