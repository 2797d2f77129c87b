import type { SecretReader } from '../audit/secret-reader.js';
import type { Clock } from '../database/clock.js';
import { emptyPage, type Page, type PageRequest, type Sort } from '../database/page.js';
import { UserError } from '../errors.js';
import { isId } from '../ids.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import { holdsProvider, notHeld, providersReachedBy, reachesProvider } from '../reach.js';
import { hasRole, type RequestContext } from '../request-context.js';
import { sealedRef } from '../vault/sealed-column.js';
import type { Vault } from '../vault/vault.js';
import { ClientSecretEntity } from './client-secret.entity.js';
import type { ClientEntity } from './client.entity.js';
import type { ClientFilter, ClientRepository } from './client.repository.js';

/** Which clients a caller sees (System Managers and Auditors all, Members none by themselves), and their secrets. */
export class ClientReadService {
  constructor(
    private readonly clients: ClientRepository,
    private readonly vault: Vault,
    private readonly secrets: SecretReader,
    private readonly clock: Clock,
  ) {}

  async find(ctx: RequestContext, id: string): Promise<ClientEntity | null> {
    if (!isObserver(ctx) || !isId('client', id)) return null;
    const found = await this.clients.findById(id);
    return found && reachesProvider(ctx, found.providerId) ? found : null;
  }

  page(
    ctx: RequestContext,
    filter: ClientFilter,
    request: PageRequest,
    sort: Sort<ClientEntity>,
  ): Promise<Page<ClientEntity>> {
    if (!isObserver(ctx)) return Promise.resolve(emptyPage(request, sort));
    return this.clients.page(filter, request, sort, providersReachedBy(ctx));
  }

  /** Those that may still be tried, newest first. */
  live(secrets: readonly ClientSecretEntity[]): ClientSecretEntity[] {
    const now = this.clock.now();
    return secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
  }

  /** A client that only a named token leads to has a secret that is not of this token alone. @throws ForbiddenError */
  requireHeld(ctx: RequestContext, { providerId }: Pick<ClientEntity, 'providerId'>): void {
    if (!holdsProvider(ctx, providerId)) throw notHeld();
  }

  /**
   * The caller's right to it has been checked.
   *
   * @throws UserError SECRET_ALREADY_SHOWN for a client of the hub: what is stored recognises its secret, and is not it
   */
  async readSecret(
    ctx: RequestContext,
    client: Pick<ClientEntity, 'id'>,
    secret: ClientSecretEntity,
    provider: Pick<ProviderEntity, 'kind'> | null,
  ): Promise<string> {
    if (provider?.kind !== 'EXTERNAL') throw alreadyShown();
    const open = () => this.vault.open(sealedRef(ClientSecretEntity, 'value', secret.id), secret.value);
    return this.secrets.read(ctx, client.id, 'clientSecret', open);
  }
}

function alreadyShown(): UserError {
  return new UserError({
    code: 'SECRET_ALREADY_SHOWN',
    message: 'The secret was shown when it was made, and only then: make a new one with rotateClientSecret.',
  });
}

function isObserver(ctx: RequestContext): boolean {
  return hasRole(ctx, 'SYSTEM_MANAGER', 'AUDITOR');
}
