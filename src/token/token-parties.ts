import type { ClientEntity } from '../client/client.entity.js';
import type { ClientRepository } from '../client/client.repository.js';
import { coalesced } from '../database/coalesced.js';
import { UserError } from '../errors.js';
import type { GrantType } from '../provider/provider-enums.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import type { ProviderRepository } from '../provider/provider.repository.js';
import { reachesProvider } from '../reach.js';
import type { RequestContext } from '../request-context.js';
import type { TokenEntity } from './token.entity.js';

/** The two ends of a token's requests. */
export interface Parties {
  provider: ProviderEntity;
  client: ClientEntity;
}

interface Wanted {
  providerId?: string | null | undefined;
  clientId?: string | null | undefined;
  useProviderClient: boolean;
}

/** Grants with a person, whose refresh token would be missing without the scope that asks for it. */
const INTERACTIVE: ReadonlySet<GrantType> = new Set(['AUTHORIZATION_CODE', 'OIDC_HYBRID', 'DEVICE_CODE']);

/** Finds the provider and the client that a token's requests go through, and refuses those that are off. */
export class TokenParties {
  private readonly providersOf: (id: string) => Promise<ProviderEntity[]>;
  private readonly clientsOf: (id: string) => Promise<ClientEntity[]>;

  constructor(
    providers: ProviderRepository,
    private readonly clients: ClientRepository,
  ) {
    this.providersOf = coalesced(
      (ids) => providers.findByIds(ids),
      ({ id }) => id,
    );
    this.clientsOf = coalesced(
      (ids) => clients.findByIds(ids),
      ({ id }) => id,
    );
  }

  /** Of the provider that is named, or that of the client; null where neither is. @throws UserError NOT_FOUND */
  async providerIdOf(
    ctx: RequestContext,
    { clientId, providerId }: Pick<Wanted, 'clientId' | 'providerId'>,
  ): Promise<string | null> {
    const client = await this.namedClient(clientId, (id) => reachesProvider(ctx, id));
    return providerId ?? client?.providerId ?? null;
  }

  /** For a new request: the default client of this moment, or the token's own. @throws UserError */
  async toAsk(token: TokenEntity): Promise<Parties> {
    const { providerId, useProviderClient } = token;
    const parties = await this.find({
      providerId,
      useProviderClient,
      clientId: useProviderClient ? null : token.clientId,
    });
    return usable(parties, token.grantType);
  }

  /** For refresh and revocation: the client that obtained the credential (RFC 6749 §6). @throws UserError DISABLED */
  async ofCredential(token: TokenEntity): Promise<Parties> {
    return enabled(await this.withClient(token, token.clientId));
  }

  /** Likewise, by what was read with the token where that is. @throws UserError DISABLED */
  async asRead(token: TokenEntity): Promise<Parties> {
    const { client, provider } = token;
    return provider && client ? enabled({ provider, client }) : this.ofCredential(token);
  }

  /** For a code: the client that asked for it. @throws UserError DISABLED */
  async ofJourney(token: TokenEntity, clientRowId: string): Promise<Parties> {
    return enabled(await this.withClient(token, clientRowId));
  }

  async withClient(token: TokenEntity, clientRowId: string): Promise<Parties> {
    const [provider, client] = await Promise.all([this.findProvider(token.providerId), this.findClient(clientRowId)]);
    if (provider && client) return { provider, client };
    throw new UserError({
      code: 'NOT_FOUND',
      field: ['id'],
      message: 'The provider or client of this token was deleted meanwhile.',
    });
  }

  /** For a token that is to be made. @throws UserError with the field of the input */
  async forNew(ctx: RequestContext, wanted: Wanted, grantType: GrantType): Promise<Parties> {
    if (wanted.clientId != null && wanted.useProviderClient) {
      const message =
        'A client is named, and the default client asked for: add useProviderClient: false, or leave clientId out.';
      throw new UserError({ code: 'INVALID', field: ['useProviderClient'], message });
    }
    // Parties outside the caller's reach are as unknown to him as those that do not exist.
    const parties = await this.find(wanted, (providerId) => reachesProvider(ctx, providerId));
    return usable(parties, grantType, fieldOf(wanted));
  }

  /** For a token from elsewhere, whatever grant it came by. @throws UserError with the field of the input */
  async forImport(ctx: RequestContext, wanted: Wanted): Promise<Parties> {
    const { client, provider } = await this.named(wanted, (providerId) => reachesProvider(ctx, providerId));
    if (provider.kind === 'HUB') {
      const message = 'The hub issues its tokens itself: use requestToken.';
      throw new UserError({ code: 'NOT_SUPPORTED', field: [fieldOf(wanted)], message });
    }
    return enabled({ provider, client: client ?? (await this.defaultClient(provider)) }, fieldOf(wanted));
  }

  /** Asked for by the token, else by its client, else by the provider. */
  scopesOf(token: Pick<TokenEntity, 'scopes'>, client: ClientEntity, provider: ProviderEntity): string[] {
    return [token.scopes, client.scopes, provider.defaultScopes].find((scopes) => scopes.length > 0) ?? [];
  }

  /** @throws UserError REQUIRED when a grant with a person lacks a scope without which the provider gives no usable token */
  checkScopes(scopes: readonly string[], provider: ProviderEntity, grantType: GrantType): void {
    const missing = INTERACTIVE.has(grantType)
      ? provider.requiredScopes.filter((scope) => !scopes.includes(scope))
      : [];
    if (missing.length === 0) return;
    const message = `${provider.name} needs the scope ${missing.join(' ')}: add it to scopes.`;
    throw new UserError({ code: 'REQUIRED', field: ['scopes'], message });
  }

  private async findProvider(id: string): Promise<ProviderEntity | undefined> {
    return (await this.providersOf(id))[0];
  }

  private async findClient(id: string): Promise<ClientEntity | undefined> {
    return (await this.clientsOf(id))[0];
  }

  private async find(wanted: Wanted, isReached?: (providerId: string) => boolean): Promise<Parties> {
    const { client, provider } = await this.named(wanted, isReached);
    return { provider, client: client ?? (await this.defaultClient(provider)) };
  }

  private async named(
    { clientId, providerId, useProviderClient }: Wanted,
    isReached: (providerId: string) => boolean = () => true,
  ) {
    if (!useProviderClient && clientId == null)
      throw required('clientId', 'With useProviderClient: false name the client.');
    const client = await this.namedClient(clientId, isReached);
    const id = providerId ?? client?.providerId;
    if (id == null) throw required('providerId', 'Name the provider, or a client of it.');
    const provider = await this.findProvider(id);
    if (!provider || !isReached(provider.id))
      throw notFound('providerId', 'No provider has this id: list them with the providers query.');
    if (client && client.providerId !== provider.id) {
      throw new UserError({
        code: 'INVALID',
        field: ['clientId'],
        message: `This client is registered at another provider than ${provider.name}.`,
      });
    }
    return { provider, client };
  }

  private async namedClient(
    id: string | null | undefined,
    isReached: (providerId: string) => boolean,
  ): Promise<ClientEntity | null> {
    if (id == null) return null;
    const client = await this.findClient(id);
    if (client && isReached(client.providerId)) return client;
    const message = 'No client has this id, which begins with cli_: find it with the clients query.';
    throw notFound('clientId', message);
  }

  private async defaultClient(provider: ProviderEntity): Promise<ClientEntity> {
    const [client] = await this.clients.findDefaultsOf([provider.id]);
    if (client) return client;
    throw required(
      'clientId',
      `${provider.name} has no default client: create one with createClient, or name a client with useProviderClient: false.`,
    );
  }
}

/** Of the input by which the parties were named. */
function fieldOf({ clientId }: Wanted): string {
  return clientId == null ? 'providerId' : 'clientId';
}

function enabled(parties: Parties, field = 'id'): Parties {
  const { client, provider } = parties;
  const off = [provider, client].find((each) => !each.enabled);
  if (!off) return parties;
  const remedy = off === provider ? 'updateProvider' : 'updateClient';
  const message = `${off.name} is switched off: switch it on first, with ${remedy}.`;
  throw new UserError({ code: 'DISABLED', field: [field], message });
}

function usable(parties: Parties, grantType: GrantType, field = 'id'): Parties {
  const { client, provider } = enabled(parties, field);
  const refusing = [provider, client].find(({ grantTypes }) => !grantTypes.includes(grantType));
  if (!refusing) return parties;
  const message = `${refusing.name} does not allow ${grantType}: it allows ${refusing.grantTypes.join(', ')}.`;
  throw new UserError({ code: 'GRANT_TYPE_NOT_ALLOWED', field: ['grantType'], message });
}

function required(field: string, message: string): UserError {
  return new UserError({ code: 'REQUIRED', field: [field], message });
}

function notFound(field: string, message: string): UserError {
  return new UserError({ code: 'NOT_FOUND', field: [field], message });
}
