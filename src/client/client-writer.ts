import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { Clock } from '../database/clock.js';
import { isForeignKeyViolation, isUniqueViolation } from '../database/dialect.js';
import type { Transaction } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import { newId } from '../ids.js';
import { nameKey } from '../name-key.js';
import { providerNotFound } from '../provider/provider-not-found.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import type { RequestContext } from '../request-context.js';
import type { TokenCascade } from '../token/token-cascade.js';
import type { ClientSecretEntity } from './client-secret.entity.js';
import { clientNotFound } from './client-not-found.js';
import { checkClient } from './client-rules.js';
import type { ClientSecretMaker } from './client-secret-maker.js';
import type { ClientSecretRepository } from './client-secret.repository.js';
import { ClientEntity } from './client.entity.js';
import type { DefaultClientInput } from './client.input.js';
import type { ClientRepository } from './client.repository.js';

/** A client that is about to exist, with its sealed secret. */
export interface ClientDraft {
  client: ClientEntity;
  secret: ClientSecretEntity | undefined;
}

/** Turns inputs into rows of clients and their secrets, and writes them with their audit. */
export class ClientWriter {
  constructor(
    private readonly repositories: { clients: ClientRepository; secrets: ClientSecretRepository },
    private readonly secretMaker: ClientSecretMaker,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
    private readonly tokens: TokenCascade,
  ) {}

  /**
   * The default client that comes with a new provider.
   *
   * @throws UserError with paths below `client`
   */
  prepareDefault(provider: ProviderEntity, input: DefaultClientInput): ClientDraft {
    return this.prepare(provider, { ...input, name: input.name ?? provider.name }, true, ['client']);
  }

  /** @throws UserError for settings that cannot work at this provider */
  prepare(
    provider: ProviderEntity,
    input: DefaultClientInput & { name: string },
    isDefault: boolean,
    path: string[] = [],
  ): ClientDraft {
    const now = this.clock.now();
    const client = Object.assign(new ClientEntity(), {
      id: newId('client'),
      providerId: provider.id,
      defaultForProviderId: isDefault ? provider.id : null,
      name: input.name.trim(),
      nameKey: nameKey(input.name),
      clientId: input.clientId,
      scopes: [...new Set(input.scopes)],
      grantTypes: [...new Set(input.grantTypes ?? provider.grantTypes)],
      tokenEndpointAuthMethod: input.tokenEndpointAuthMethod ?? provider.tokenEndpointAuthMethod,
      enabled: input.enabled ?? true,
      createdAt: now,
      updatedAt: now,
      version: 1,
    });
    checkClient(client, provider, input.clientSecret != null, path);
    const { clientSecret } = input;
    return { client, secret: clientSecret == null ? undefined : this.secretMaker.given(client.id, clientSecret) };
  }

  /** @throws UserError TAKEN, CONFLICT, NOT_FOUND when others were faster */
  async insert(tx: Transaction, ctx: RequestContext, { client, secret }: ClientDraft): Promise<void> {
    const { clients, secrets } = this.repositories;
    try {
      if (client.defaultForProviderId) await clients.setDefault(tx, client.providerId, null);
      await clients.insert(tx, client);
      if (secret) await secrets.insert(tx, secret);
    } catch (error) {
      throw toUserError(error);
    }
    const { providerId, clientId, name } = client;
    await this.audit.record(tx, ctx, {
      action: 'CLIENT_CREATED',
      subjectId: client.id,
      detail: { providerId, clientId, name },
    });
  }

  /**
   * Makes this client the only default of the provider; null leaves it without one.
   *
   * @throws UserError CONFLICT when others were faster
   */
  async makeDefault(tx: Transaction, providerId: string, id: string | null): Promise<void> {
    try {
      await this.repositories.clients.setDefault(tx, providerId, id);
    } catch (error) {
      throw toUserError(error);
    }
  }

  async update(
    tx: Transaction,
    ctx: RequestContext,
    row: ClientEntity,
    changes: Partial<ClientEntity>,
  ): Promise<ClientEntity> {
    if (changes.clientId !== undefined) await this.tokens.keepClientId(tx, row.id);
    try {
      const updated = await this.repositories.clients.update(tx, row, changes, this.clock.now());
      if (row.tokenStorage === 'RECOVERABLE' && updated.tokenStorage !== 'RECOVERABLE')
        await this.tokens.forgetAccessTokens(tx, row.id);
      const changed = Object.keys(changes).filter((each) => each !== 'nameKey');
      await this.audit.record(tx, ctx, {
        action: 'CLIENT_UPDATED',
        subjectId: row.id,
        detail: { clientId: row.clientId, changed },
      });
      return updated;
    } catch (error) {
      throw toUserError(error);
    }
  }

  /**
   * The new secret is tried first; the newest of the others stays until `previousExpiresAt`.
   *
   * @throws UserError CONFLICT, so that of two rotations at once neither leaves a third secret
   */
  async rotateSecret(
    tx: Transaction,
    ctx: RequestContext,
    client: ClientEntity,
    secret: ClientSecretEntity,
    previousExpiresAt: Date | null,
  ): Promise<ClientEntity> {
    const { clients, secrets } = this.repositories;
    const now = this.clock.now();
    const rotated = await clients.update(tx, client, {}, now);
    const [newest] = await secrets.findOfClients([client.id], tx);
    const endsNow = previousExpiresAt !== null && previousExpiresAt <= now;
    await secrets.keepOnly(tx, client.id, endsNow ? undefined : newest, previousExpiresAt);
    await secrets.insert(tx, secret);
    await this.audit.record(tx, ctx, {
      action: 'CLIENT_SECRET_ROTATED',
      subjectId: client.id,
      detail: { clientId: client.clientId, previousExpiresAt: endsNow ? 'now' : previousExpiresAt },
    });
    return rotated;
  }

  /** @throws UserError IN_USE when it has tokens and `cascade` is not set, NOT_FOUND, CONFLICT when others were faster */
  async delete(tx: Transaction, ctx: RequestContext, client: ClientEntity, cascade: boolean): Promise<void> {
    await this.tokens.deleteAllOf(tx, ctx, { clientId: client.id }, client.name, cascade);
    await this.remove(tx, client);
    const { providerId, clientId, name } = client;
    await this.audit.record(tx, ctx, {
      action: 'CLIENT_DELETED',
      subjectId: client.id,
      detail: { providerId, clientId, name },
    });
  }

  private async remove(tx: Transaction, { id, name }: ClientEntity): Promise<void> {
    try {
      if (!(await this.repositories.clients.delete(tx, id))) throw clientNotFound();
    } catch (error) {
      if (!isForeignKeyViolation(error)) throw error;
      const message = `${name} got a new token at the same time: look at its tokens and repeat.`;
      throw new UserError({ code: 'CONFLICT', field: ['id'], message }, { cause: error });
    }
  }
}

/** What both databases say at the end of the message when the index on the default client refuses a row. */
const SECOND_DEFAULT = /(?:uq_client_default_for'|client\.defaultForProviderId)$/;

function toUserError(error: unknown): unknown {
  if (isUniqueViolation(error)) {
    if (error instanceof Error && SECOND_DEFAULT.test(error.message)) {
      const message = 'Another client became the default of this provider at the same time: repeat.';
      return new UserError({ code: 'CONFLICT', message }, { cause: error });
    }
    const message =
      'This provider already has a client with this client id: change that one, or give another client id.';
    return new UserError({ code: 'TAKEN', field: ['clientId'], message }, { cause: error });
  }
  if (isForeignKeyViolation(error)) {
    return providerNotFound('providerId', error);
  }
  return error;
}
