import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import type { IdempotencyService } from '../idempotency/idempotency.service.js';
import { nameKey } from '../name-key.js';
import type { TokenEndpointAuthMethod } from '../provider/provider-enums.js';
import { providerNotFound } from '../provider/provider-not-found.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import type { ProviderRepository } from '../provider/provider.repository.js';
import { holdsProvider, requireGrantable, requireUnnamedTokens } from '../reach.js';
import type { RequestContext } from '../request-context.js';
import { clientNotFound } from './client-not-found.js';
import { checkClient, needsSecret } from './client-rules.js';
import type { ClientSecretRepository } from './client-secret.repository.js';
import type { ClientWriter } from './client-writer.js';
import type { ClientEntity } from './client.entity.js';
import type {
  CreateClientInput,
  DeleteClientInput,
  RotateClientSecretInput,
  UpdateClientInput,
} from './client.input.js';
import type { ClientRepository } from './client.repository.js';

interface Repositories {
  clients: ClientRepository;
  secrets: ClientSecretRepository;
  providers: ProviderRepository;
}

/** Makes, changes and deletes clients. */
export class ClientChangeService {
  constructor(
    private readonly repositories: Repositories,
    private readonly writer: ClientWriter,
    private readonly unitOfWork: UnitOfWork,
    private readonly idempotency: IdempotencyService,
  ) {}

  create(ctx: RequestContext, input: CreateClientInput): Promise<ClientEntity> {
    requireUnnamedTokens(ctx, 'createClient');
    return this.idempotency.run(
      ctx,
      { mutation: 'createClient', key: input.idempotencyKey, input },
      {
        execute: async (complete) => {
          const provider = await this.providerOf(ctx, input.providerId);
          requireIssuable(ctx, provider, input.scopes ?? []);
          const draft = this.writer.prepare(provider, input, input.isDefault ?? true);
          await this.unitOfWork.run(async (tx) => {
            if (input.isDefault == null) await this.leaveDefault(tx, draft.client);
            await this.writer.insert(tx, ctx, draft);
            await complete(tx, { clientId: draft.client.id });
          });
          return draft.client;
        },
        repeat: ({ clientId }) => this.created(ctx, clientId),
      },
    );
  }

  async update(ctx: RequestContext, input: UpdateClientInput): Promise<ClientEntity> {
    const client = await this.existing(ctx, input.id);
    const changes = changesOf(client, input);
    if (Object.keys(changes).length === 0) return client;
    const provider = await this.providerOf(ctx, client.providerId);
    requireIssuable(ctx, provider, [...client.scopes, ...(changes.scopes ?? [])]);
    const method = changes.tokenEndpointAuthMethod;
    if (method && needsSecret(method) && !(await this.hasSecret(client))) throw secretMissing(method);
    // What was allowed before stays: a provider that allows less now must not keep a client from being switched off.
    if (changes.grantTypes || method) {
      checkClient({ ...client, ...changes }, provider, needsSecret(method ?? client.tokenEndpointAuthMethod));
    }
    return this.unitOfWork.run((tx) => this.writer.update(tx, ctx, client, changes));
  }

  async rotateSecret(ctx: RequestContext, input: RotateClientSecretInput): Promise<ClientEntity> {
    const client = await this.existing(ctx, input.id);
    requireIssuable(ctx, await this.providerOf(ctx, client.providerId), client.scopes);
    return this.unitOfWork.run((tx) =>
      this.writer.rotateSecret(tx, ctx, client, input.clientSecret, input.previousExpiresAt ?? null),
    );
  }

  /** @throws UserError IN_USE for a default client unless `cascade` is set */
  async delete(ctx: RequestContext, input: DeleteClientInput): Promise<string> {
    const client = await this.existing(ctx, input.id);
    if (client.defaultForProviderId && !input.cascade) {
      throw new UserError({
        code: 'IN_USE',
        field: ['id'],
        message: `${client.name} is the default client of its provider: set another with updateProvider first, or repeat with cascade: true.`,
      });
    }
    await this.unitOfWork.run((tx) => this.writer.delete(tx, ctx, client, input.cascade));
    return client.id;
  }

  /** Nobody asked for a new default client: the one that is there stays it. */
  private async leaveDefault(tx: Transaction, draft: ClientEntity): Promise<void> {
    const defaults = await this.repositories.clients.findDefaultsOf([draft.providerId], tx);
    draft.defaultForProviderId = defaults.length === 0 ? draft.providerId : null;
  }

  private async providerOf(ctx: RequestContext, id: string): Promise<ProviderEntity> {
    const provider = await this.repositories.providers.findById(id);
    if (provider && holdsProvider(ctx, provider.id)) return provider;
    throw providerNotFound('providerId');
  }

  private async hasSecret(client: ClientEntity): Promise<boolean> {
    return (await this.repositories.secrets.findOfClients([client.id])).length > 0;
  }

  private async created(ctx: RequestContext, id: string | undefined): Promise<ClientEntity> {
    const client = id === undefined ? null : await this.repositories.clients.findById(id);
    if (client && holdsProvider(ctx, client.providerId)) return client;
    throw new UserError({
      code: 'NOT_FOUND',
      field: ['idempotencyKey'],
      message: 'The client that this key made has been deleted since: use a new idempotency key.',
    });
  }

  private async existing(ctx: RequestContext, id: string): Promise<ClientEntity> {
    const client = await this.repositories.clients.findById(id);
    if (client && holdsProvider(ctx, client.providerId)) return client;
    throw clientNotFound();
  }
}

/** With a client of the hub one does what its tokens may do. @throws ForbiddenError */
function requireIssuable(ctx: RequestContext, { kind }: ProviderEntity, scopes: readonly string[]): void {
  if (kind === 'HUB') requireGrantable(ctx, scopes, 'A client of the hub');
}

function secretMissing(method: TokenEndpointAuthMethod): UserError {
  return new UserError({
    code: 'REQUIRED',
    field: ['tokenEndpointAuthMethod'],
    message: `${method} needs the client secret that the provider gave: store it with rotateClientSecret first.`,
  });
}

function changesOf(client: ClientEntity, input: UpdateClientInput): Partial<ClientEntity> {
  const given: Partial<ClientEntity> = {
    ...(input.name == null ? {} : { name: input.name.trim(), nameKey: nameKey(input.name) }),
    ...(input.clientId == null ? {} : { clientId: input.clientId }),
    ...(input.scopes == null ? {} : { scopes: [...new Set(input.scopes)] }),
    ...(input.grantTypes == null ? {} : { grantTypes: [...new Set(input.grantTypes)] }),
    ...(input.tokenEndpointAuthMethod == null ? {} : { tokenEndpointAuthMethod: input.tokenEndpointAuthMethod }),
    ...(input.enabled == null ? {} : { enabled: input.enabled }),
  };
  const differing = Object.entries(given).filter(
    ([name, value]) => JSON.stringify(client[name as keyof ClientEntity]) !== JSON.stringify(value),
  );
  return Object.fromEntries(differing);
}
