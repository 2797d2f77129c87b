import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { UserError, type UserProblem } from '../errors.js';
import type { IdempotencyService } from '../idempotency/idempotency.service.js';
import { deleteValues, ofClient } from '../issued-value/delete-values.js';
import { nameKey } from '../name-key.js';
import type { TokenEndpointAuthMethod } from '../provider/provider-enums.js';
import { providerNotFound } from '../provider/provider-not-found.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import type { ProviderRepository } from '../provider/provider.repository.js';
import { holdsProvider, requireGrantable, requireUnnamedTokens } from '../reach.js';
import type { RequestContext } from '../request-context.js';
import type { TokenFreshStart } from '../token/token-fresh-start.js';
import type { TokenOwner } from '../token/token.repository.js';
import { clientNotFound } from './client-not-found.js';
import { checkClient, needsSecret } from './client-rules.js';
import type { ClientSecretMaker } from './client-secret-maker.js';
import type { ClientSecretEntity } from './client-secret.entity.js';
import type { ClientSecretRepository } from './client-secret.repository.js';
import type { ClientDraft, ClientWriter } from './client-writer.js';
import type { ClientEntity } from './client.entity.js';
import type {
  CreateClientInput,
  DeleteClientInput,
  RotateClientSecretInput,
  UpdateClientInput,
} from './client.input.js';
import type { ClientRepository } from './client.repository.js';
import { foreignSettings, hubColumns } from './hub-client-settings.js';
import type { HubClients } from './hub-clients.js';

interface Repositories {
  clients: ClientRepository;
  secrets: ClientSecretRepository;
  providers: ProviderRepository;
}

/** What became of a client, with what is shown once. */
export interface ClientOutcome {
  client: ClientEntity;
  /** That the hub generated just now. */
  clientSecret: string | null;
  userErrors: readonly UserProblem[];
}

/** Makes, changes and deletes clients: registrations of the hub elsewhere, and those of others here. */
export class ClientChangeService {
  constructor(
    private readonly repositories: Repositories,
    private readonly makers: { writer: ClientWriter; hubClients: HubClients; secrets: ClientSecretMaker },
    private readonly unitOfWork: UnitOfWork,
    private readonly idempotency: IdempotencyService,
    private readonly freshStart: TokenFreshStart,
  ) {}

  /** @throws UserError INTERNAL when it is stored as the default, and the tokens could not all be told */
  create(ctx: RequestContext, input: CreateClientInput): Promise<ClientOutcome> {
    requireUnnamedTokens(ctx, 'createClient');
    return this.idempotency.run(
      ctx,
      { mutation: 'createClient', key: input.idempotencyKey, input },
      {
        execute: async (complete) => {
          const provider = await this.providerOf(ctx, input.providerId);
          requireIssuable(ctx, provider, input.scopes ?? provider.defaultScopes);
          const { client, clientSecret, secret } = await this.draft(provider, input);
          const concerned = await this.unitOfWork.run(async (tx) => {
            if (provider.kind === 'EXTERNAL' && input.isDefault == null) await this.leaveDefault(tx, client);
            await this.makers.writer.insert(tx, ctx, { client, secret });
            await complete(tx, { clientId: client.id });
            return this.endPauseOfDefault(tx, client);
          });
          if (concerned) await this.freshStart.forgetConnectionState(concerned);
          return { client, clientSecret, userErrors: [] };
        },
        repeat: ({ clientId }) => this.created(ctx, clientId),
      },
    );
  }

  /** @throws UserError INTERNAL when the change is stored and its tokens could not all be told */
  async update(ctx: RequestContext, input: UpdateClientInput): Promise<ClientEntity> {
    const client = await this.existing(ctx, input.id);
    const provider = await this.providerOf(ctx, client.providerId);
    refuseForeign(provider, input);
    const changes = changesOf(client, input);
    if (Object.keys(changes).length === 0) return client;
    requireIssuable(ctx, provider, [...client.scopes, ...(changes.scopes ?? [])]);
    const method = changes.tokenEndpointAuthMethod;
    if (method && needsSecret(method) && !(await this.hasSecret(client))) throw secretMissing(method, provider);
    if (provider.kind === 'HUB') await this.makers.hubClients.check(provider, client, changes, input);
    // What was allowed before stays: a provider that allows less now must not keep a client from being switched off.
    else if (changes.grantTypes || method) {
      checkClient({ ...client, ...changes }, provider, needsSecret(method ?? client.tokenEndpointAuthMethod));
    }
    // Tokens that the hub issues were connected by itself, and stay it.
    const concerned = provider.kind === 'EXTERNAL' && (changes.scopes ?? method) ? { clientId: client.id } : null;
    const updated = await this.unitOfWork.run(async (tx) => {
      if (concerned) await this.freshStart.endPause(tx, concerned);
      return this.makers.writer.update(tx, ctx, client, changes);
    });
    if (concerned) await this.freshStart.forgetConnectionState(concerned);
    return updated;
  }

  /** @throws UserError INTERNAL when the secret is stored and the client's tokens could not all be told */
  async rotateSecret(ctx: RequestContext, input: RotateClientSecretInput): Promise<ClientOutcome> {
    const client = await this.existing(ctx, input.id);
    const provider = await this.providerOf(ctx, client.providerId);
    requireIssuable(ctx, provider, client.scopes);
    const { row, value: clientSecret } = this.nextSecret(client, provider, input.clientSecret);
    // What the hub issues waits for no secret.
    const concerned = provider.kind === 'EXTERNAL' ? { clientId: client.id } : null;
    const rotated = await this.unitOfWork.run(async (tx) => {
      if (concerned) await this.freshStart.endPause(tx, concerned);
      return this.makers.writer.rotateSecret(tx, ctx, client, row, input.previousExpiresAt ?? null);
    });
    if (concerned) await this.freshStart.retryNow(concerned);
    return { client: rotated, clientSecret, userErrors: [] };
  }

  /** @throws UserError IN_USE for a default client unless `cascade` is set, INTERNAL when tokens could not all be told */
  async delete(ctx: RequestContext, input: DeleteClientInput): Promise<string> {
    const client = await this.existing(ctx, input.id);
    if (client.defaultForProviderId && !input.cascade) {
      throw new UserError({
        code: 'IN_USE',
        field: ['id'],
        message: `${client.name} is the default client of its provider: set another with updateProvider first, or repeat with cascade: true.`,
      });
    }
    if (input.cascade) await deleteValues(this.unitOfWork, ofClient(client.id));
    const concerned = await this.unitOfWork.run(async (tx) => {
      await this.makers.writer.delete(tx, ctx, client, input.cascade);
      return this.endPauseOfDefault(tx, client);
    });
    if (concerned) await this.freshStart.forgetConnectionState(concerned);
    return client.id;
  }

  private async draft(
    provider: ProviderEntity,
    input: CreateClientInput,
  ): Promise<ClientDraft & Pick<ClientOutcome, 'clientSecret'>> {
    refuseForeign(provider, input);
    if (provider.kind === 'HUB') {
      const { client, secret } = await this.makers.hubClients.draft(provider, input);
      return { client, secret: secret?.row, clientSecret: secret?.value ?? null };
    }
    const { clientId } = input;
    if (clientId == null) throw required('clientId', 'Give the client id that the provider gave.');
    return {
      ...this.makers.writer.prepare(provider, { ...input, clientId }, input.isDefault ?? true),
      clientSecret: null,
    };
  }

  private nextSecret(
    client: ClientEntity,
    provider: ProviderEntity,
    given: string | null | undefined,
  ): { row: ClientSecretEntity; value: string | null } {
    refuseForeign(provider, { clientSecret: given ?? null });
    if (provider.kind === 'HUB') return this.makers.secrets.generated(client.id);
    if (given == null) throw required('clientSecret', 'Give the secret that the provider gave.');
    return { row: this.makers.secrets.given(client.id, given), value: null };
  }

  /** Nobody asked for a new default client: the one that is there stays it. */
  private async leaveDefault(tx: Transaction, draft: ClientEntity): Promise<void> {
    const defaults = await this.repositories.clients.findDefaultsOf([draft.providerId], tx);
    draft.defaultForProviderId = defaults.length === 0 ? draft.providerId : null;
  }

  /** @returns the tokens that ask by whichever client is the default, where this one has come or gone as that */
  private async endPauseOfDefault(
    tx: Transaction,
    { defaultForProviderId: providerId }: ClientEntity,
  ): Promise<TokenOwner | null> {
    if (providerId === null) return null;
    const concerned = { providerId, useProviderClient: true } as const;
    await this.freshStart.endPause(tx, concerned);
    return concerned;
  }

  private async providerOf(ctx: RequestContext, id: string): Promise<ProviderEntity> {
    const provider = await this.repositories.providers.findById(id);
    if (provider && holdsProvider(ctx, provider.id)) return provider;
    throw providerNotFound('providerId');
  }

  private async hasSecret(client: ClientEntity): Promise<boolean> {
    return (await this.repositories.secrets.findOfClients([client.id])).length > 0;
  }

  private async created(ctx: RequestContext, id: string | undefined): Promise<ClientOutcome> {
    const client = id === undefined ? null : await this.repositories.clients.findById(id);
    if (!client || !holdsProvider(ctx, client.providerId)) {
      throw new UserError({
        code: 'NOT_FOUND',
        field: ['idempotencyKey'],
        message: 'The client that this key made has been deleted since: use a new idempotency key.',
      });
    }
    const { kind } = await this.providerOf(ctx, client.providerId);
    const wasShown = kind === 'HUB' && (await this.hasSecret(client));
    return { client, clientSecret: null, userErrors: wasShown ? [SECRET_SHOWN] : [] };
  }

  private async existing(ctx: RequestContext, id: string): Promise<ClientEntity> {
    const client = await this.repositories.clients.findById(id);
    if (client && holdsProvider(ctx, client.providerId)) return client;
    throw clientNotFound();
  }
}

const SECRET_SHOWN: UserProblem = {
  code: 'SECRET_ALREADY_SHOWN',
  field: ['idempotencyKey'],
  message: 'The client secret was in the first answer and is not shown again: make a new one with rotateClientSecret.',
};

/** With a client of the hub one does what its tokens may do. @throws ForbiddenError */
function requireIssuable(ctx: RequestContext, { kind }: ProviderEntity, scopes: readonly string[]): void {
  if (kind === 'HUB') requireGrantable(ctx, scopes, 'A client of the hub');
}

/** @throws UserError that names each setting of a client at a provider of the other kind */
function refuseForeign(provider: ProviderEntity, given: Parameters<typeof foreignSettings>[1]): void {
  const problems = foreignSettings(provider.kind, given);
  if (problems.length > 0) throw new UserError(problems);
}

function required(field: string, message: string): UserError {
  return new UserError({ code: 'REQUIRED', field: [field], message });
}

function secretMissing(method: TokenEndpointAuthMethod, { kind }: ProviderEntity): UserError {
  const which = kind === 'HUB' ? 'a client secret: make one' : 'the client secret that the provider gave: store it';
  return required('tokenEndpointAuthMethod', `${method} needs ${which} with rotateClientSecret first.`);
}

function changesOf(client: ClientEntity, input: UpdateClientInput): Partial<ClientEntity> {
  const given: Partial<ClientEntity> = {
    ...(input.name == null ? {} : { name: input.name.trim(), nameKey: nameKey(input.name) }),
    ...(input.clientId == null ? {} : { clientId: input.clientId }),
    ...(input.scopes == null ? {} : { scopes: [...new Set(input.scopes)] }),
    ...(input.grantTypes == null ? {} : { grantTypes: [...new Set(input.grantTypes)] }),
    ...(input.tokenEndpointAuthMethod == null ? {} : { tokenEndpointAuthMethod: input.tokenEndpointAuthMethod }),
    ...(input.enabled == null ? {} : { enabled: input.enabled }),
    ...hubColumns(input),
  };
  const differing = Object.entries(given).filter(
    ([name, value]) => JSON.stringify(client[name as keyof ClientEntity]) !== JSON.stringify(value),
  );
  return Object.fromEntries(differing);
}
