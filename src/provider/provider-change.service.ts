import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { ClientRepository } from '../client/client.repository.js';
import type { ClientWriter } from '../client/client-writer.js';
import { isForeignKeyViolation } from '../database/dialect.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import { holdsProvider, requireSecrets } from '../reach.js';
import type { RequestContext } from '../request-context.js';
import { checkHubChanges, hubIsNeverDeleted } from './hub-provider-rules.js';
import { providerNotFound } from './provider-not-found.js';
import type { TokenFreshStart } from '../token/token-fresh-start.js';
import type { TokenOwner } from '../token/token.repository.js';
import { URL_SETTINGS } from './provider-settings.js';
import type { ProviderWriter } from './provider-writer.js';
import type { ProviderEntity } from './provider.entity.js';
import type { DeleteProviderInput, UpdateProviderInput } from './provider.input.js';
import type { ProviderRepository } from './provider.repository.js';

/** What a token's exchanges go through. */
const WAYS = [
  'authorizationEndpoint',
  'tokenEndpoint',
  'refreshEndpoint',
  'deviceAuthorizationEndpoint',
  'defaultScopes',
] as const satisfies (keyof ProviderEntity)[];

/** Changes and deletes providers. */
export class ProviderChangeService {
  constructor(
    private readonly providers: ProviderRepository,
    private readonly writer: ProviderWriter,
    private readonly clients: { repository: ClientRepository; writer: ClientWriter; freshStart: TokenFreshStart },
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRecorder,
  ) {}

  /**
   * @throws UserError INTERNAL when the change is stored and its tokens could not all be told
   * @throws ForbiddenError for a machine that changes an address without `hub:secrets`, or default scopes of
   * the hub to some that it has not
   */
  async update(ctx: RequestContext, input: UpdateProviderInput): Promise<ProviderEntity> {
    const provider = await this.existing(ctx, input.id);
    const changes = await this.writer.changes(provider, input, input.name);
    const { defaultClientId } = input;
    if (provider.kind === 'HUB') checkHubChanges(ctx, changes, defaultClientId);
    if (Object.keys(changes).length === 0 && defaultClientId === undefined) return provider;
    if (URL_SETTINGS.some((name) => changes[name] !== undefined)) requireSecrets(ctx, 'Another address of a provider');
    const concerned = concernedBy(provider, changes, defaultClientId);
    const updated = await this.unitOfWork.run(async (tx) => {
      const also = defaultClientId === undefined ? [] : ['defaultClientId'];
      const row = await this.writer.update(tx, ctx, provider, changes, also);
      if (defaultClientId !== undefined) await this.makeDefault(tx, provider, defaultClientId);
      if (concerned) await this.clients.freshStart.endPause(tx, concerned);
      return row;
    });
    if (concerned) await this.clients.freshStart.forgetConnectionState(concerned);
    return updated;
  }

  /** @throws UserError IN_USE when it has clients and `cascade` is not set, NOT_SUPPORTED for the hub itself */
  async delete(ctx: RequestContext, input: DeleteProviderInput): Promise<string> {
    const provider = await this.existing(ctx, input.id);
    if (provider.kind === 'HUB') throw hubIsNeverDeleted();
    await this.unitOfWork.run(async (tx) => {
      const clients = await this.clients.repository.findAllOfProvider(tx, provider.id);
      if (clients.length > 0 && !input.cascade) throw inUse(provider, clients.length);
      for (const client of clients) await this.clients.writer.delete(tx, ctx, client, true);
      await this.remove(tx, provider);
      await this.audit.record(tx, ctx, {
        action: 'PROVIDER_DELETED',
        subjectId: provider.id,
        detail: { key: provider.key, clients: clients.length },
      });
    });
    return provider.id;
  }

  private async remove(tx: Transaction, provider: ProviderEntity): Promise<void> {
    try {
      if (!(await this.providers.delete(tx, provider.id))) throw providerNotFound('id');
    } catch (error) {
      if (!isForeignKeyViolation(error)) throw error;
      const message = `${provider.name} got a new client at the same time: look at its clients and repeat.`;
      throw new UserError({ code: 'CONFLICT', field: ['id'], message }, { cause: error });
    }
  }

  private async makeDefault(tx: Transaction, provider: ProviderEntity, clientId: string | null): Promise<void> {
    if (clientId !== null) {
      const client = await this.clients.repository.findById(clientId, tx);
      if (client?.providerId !== provider.id) {
        throw new UserError({
          code: 'NOT_FOUND',
          field: ['defaultClientId'],
          message: 'This provider has no such client: create it first, or take the id from its clients.',
        });
      }
    }
    await this.clients.writer.makeDefault(tx, provider.id, clientId);
  }

  private async existing(ctx: RequestContext, id: string): Promise<ProviderEntity> {
    const provider = await this.providers.findById(id);
    if (provider && holdsProvider(ctx, provider.id)) return provider;
    throw providerNotFound('id');
  }
}

/** The tokens whose exchanges go another way after it. */
function concernedBy(
  { id, kind }: ProviderEntity,
  changes: Partial<ProviderEntity>,
  defaultClientId: string | null | undefined,
): TokenOwner | null {
  if (kind === 'EXTERNAL' && WAYS.some((name) => changes[name] !== undefined)) return { providerId: id };
  return defaultClientId === undefined ? null : { providerId: id, useProviderClient: true };
}

function inUse(provider: ProviderEntity, clients: number): UserError {
  return new UserError({
    code: 'IN_USE',
    field: ['id'],
    message: `${provider.name} still has ${clients} ${clients === 1 ? 'client' : 'clients'}: delete them first, or repeat with cascade: true.`,
  });
}
