import type { ClientCredentials } from '../client/client-credentials.js';
import type { ClientEntity } from '../client/client.entity.js';
import type { JourneySecrets } from '../authorization/authorization-start.service.js';
import type { Clock } from '../database/clock.js';
import { UserError } from '../errors.js';
import type { FormRequest } from '../oauth/form-request.js';
import { type TokenGrant, tokenRequest } from '../oauth/token-request.js';
import type { ProviderParameters } from '../provider/provider-parameters.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import { checkCredentialHost } from './credential-host.js';
import type { Exchange } from './exchange.js';
import type { ExchangeKind } from './token-enums.js';
import type { TokenParties } from './token-parties.js';
import { issuedHere, renewalRemedy, revokedForGood } from './token-remedy.js';
import type { TokenSecrets } from './token-secrets.js';
import { hasEnded, hasOwnCredential } from './token-status.js';
import type { TokenEntity } from './token.entity.js';

interface Plan {
  token: TokenEntity;
  kind: ExchangeKind;
  grant: TokenGrant;
  provider: ProviderEntity;
  client: ClientEntity;
}

/** Turns a token and what is to be done for it into the requests that do it. */
export class ExchangePlanner {
  constructor(
    private readonly parties: TokenParties,
    private readonly credentials: ClientCredentials,
    private readonly providerParameters: ProviderParameters,
    private readonly secrets: TokenSecrets,
    private readonly clock: Clock,
  ) {}

  /** The grant itself, without a person: for the first time, or again. @throws UserError AUTHORIZATION_REQUIRED */
  async forGrant(token: TokenEntity, kind: ExchangeKind): Promise<Exchange> {
    const { client, provider } = await this.parties.toAsk(token);
    return this.plan({ token, kind, grant: await this.ownGrant(token), provider, client });
  }

  /**
   * By the refresh token, at the client that obtained it; without one that lives by the grant itself.
   *
   * @throws UserError DISABLED, NO_REFRESH_TOKEN, INTERACTION_REQUIRED
   */
  async forRefresh(token: TokenEntity): Promise<Exchange> {
    if (token.revokedAt) throw revokedForGood(token);
    const isOver = hasOwnCredential(token) && hasEnded(token.refreshTokenExpiresAt, this.clock.now());
    const refreshToken = isOver ? null : await this.secrets.open(token, 'refreshToken');
    const parties = await this.parties.ofCredential(token);
    const grant: TokenGrant = refreshToken ? { grantType: 'REFRESH_TOKEN', refreshToken } : await this.ownGrant(token);
    checkCredentialHost(token, parties.provider, grant.grantType);
    return this.plan({ token, kind: 'REFRESH', grant, ...parties });
  }

  /** With a refresh token from elsewhere. */
  async forImport(token: TokenEntity, refreshToken: string): Promise<Exchange> {
    const parties = await this.parties.ofCredential(token);
    return this.plan({ token, kind: 'IMPORT', grant: { grantType: 'REFRESH_TOKEN', refreshToken }, ...parties });
  }

  /** With the code that a browser brought. */
  async forCode(
    token: TokenEntity,
    by: { code: string; redirectUri: string; clientId: string; journey: JourneySecrets; allowOtherAccount: boolean },
  ): Promise<Exchange> {
    const { code, journey, redirectUri } = by;
    // What the journey was started for is asked for, and stored with what comes of it.
    const asked: TokenEntity = { ...token, ...journey.ask };
    const { client, provider } = await this.parties.ofJourney(token, by.clientId);
    const grant: TokenGrant = {
      grantType: 'AUTHORIZATION_CODE',
      code,
      redirectUri,
      codeVerifier: journey.codeVerifier,
    };
    const plan = await this.plan({ token: asked, kind: 'CODE', grant, provider, client });
    return {
      ...plan,
      askedScopes: journey.scopes ?? plan.askedScopes,
      nonce: journey.nonce,
      allowOtherAccount: by.allowOtherAccount,
      alsoChange: journey.ask,
    };
  }

  private async plan({ client, grant, kind, provider, token }: Plan): Promise<Exchange> {
    if (provider.kind === 'HUB') throw issuedHere(token);
    const settings = { ...provider, authorizationParameters: [], tokenParameters: [] };
    const tokenParameters = [
      ...(await this.providerParameters.open(provider, 'tokenParameters')),
      ...(await this.secrets.parameters.open(token, 'tokenParameters')),
    ];
    // What a refresh token from elsewhere was asked for with, only its owner knows.
    const asked = kind === 'IMPORT' ? token.scopes : this.parties.scopesOf(token, client, provider);
    const scopes = grant.grantType === 'REFRESH_TOKEN' ? [] : asked;
    const clientSecrets = await this.credentials.live(client.id);
    const [first = undefined, ...others] = clientSecrets;
    const request = (clientSecret: string | undefined): FormRequest =>
      tokenRequest({
        provider: settings,
        client: { ...client, clientSecret },
        grant,
        scopes,
        resource: token.resource,
        tokenParameters,
      });
    return {
      kind,
      provider,
      client,
      spent: spentBy(grant),
      askedScopes: asked,
      requests: [request(first), ...others.map(request)],
      tokenParameters,
      nonce: null,
      allowOtherAccount: false,
      alsoChange: {},
    };
  }

  private async ownGrant(token: TokenEntity): Promise<TokenGrant> {
    if (token.grantType === 'CLIENT_CREDENTIALS') return { grantType: 'CLIENT_CREDENTIALS' };
    const login = token.grantType === 'PASSWORD' ? await this.secrets.login(token) : null;
    if (login) return { grantType: 'PASSWORD', ...login };
    const message = `Nothing is stored by which ${token.name} could be renewed: ${renewalRemedy(token.grantType)}`;
    throw new UserError({ code: 'NO_REFRESH_TOKEN', field: ['id'], message });
  }
}

function spentBy(grant: TokenGrant): string | null {
  if (grant.grantType === 'REFRESH_TOKEN') return grant.refreshToken;
  return grant.grantType === 'AUTHORIZATION_CODE' ? grant.code : null;
}
