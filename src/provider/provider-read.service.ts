import { emptyPage, type Page, type PageRequest, type Sort } from '../database/page.js';
import { isId } from '../ids.js';
import { providersReachedBy, reachesProvider } from '../reach.js';
import { hasRole, type RequestContext } from '../request-context.js';
import type { Warning } from '../warning.js';
import type { ProviderEntity } from './provider.entity.js';
import type { ProviderFilter, ProviderRepository } from './provider.repository.js';

/** Which providers a caller sees: System Managers and Auditors all, Members none by themselves. */
export class ProviderReadService {
  constructor(
    private readonly providers: ProviderRepository,
    private readonly publicUrl: string,
  ) {}

  async find(ctx: RequestContext, by: { id?: string | null; key?: string | null }): Promise<ProviderEntity | null> {
    if (!isObserver(ctx)) return null;
    const found = await this.lookUp(by);
    return found && reachesProvider(ctx, found.id) ? found : null;
  }

  page(
    ctx: RequestContext,
    filter: ProviderFilter,
    request: PageRequest,
    sort: Sort<ProviderEntity>,
  ): Promise<Page<ProviderEntity>> {
    if (!isObserver(ctx)) return Promise.resolve(emptyPage(request, sort));
    return this.providers.page({ ...filter, ids: providersReachedBy(ctx) }, request, sort);
  }

  /** Whether there are providers and clients that the caller sees by themselves. */
  seesAny(ctx: RequestContext): boolean {
    return isObserver(ctx);
  }

  /** Whether the caller sees the provider and its clients by themselves, or only what his tokens lead to. */
  maySee(ctx: RequestContext, providerId: string): boolean {
    return isObserver(ctx) && reachesProvider(ctx, providerId);
  }

  /** Where a provider sends browsers back to; needs no saved provider. */
  redirectUri(providerKey: string | null | undefined): string {
    return providerKey ? `${this.publicUrl}/oauth/callback/${providerKey}` : `${this.publicUrl}/oauth/callback`;
  }

  /** What to register elsewhere or, of a client of the hub, what was registered here. */
  redirectUrisOf(
    { key, kind }: Pick<ProviderEntity, 'key' | 'kind'>,
    client: { redirectUris: string[] | null },
  ): string[] {
    return kind === 'HUB' ? (client.redirectUris ?? []) : [this.redirectUri(key)];
  }

  warnings(): Warning[] {
    return this.publicUrl.startsWith('https://') ? [] : ['HTTPS_REQUIRED'];
  }

  private async lookUp({ id, key }: { id?: string | null; key?: string | null }): Promise<ProviderEntity | null> {
    if (id != null) return isId('provider', id) ? this.providers.findById(id) : null;
    return key == null ? null : this.providers.findByKey(key);
  }
}

function isObserver(ctx: RequestContext): boolean {
  return hasRole(ctx, 'SYSTEM_MANAGER', 'AUDITOR');
}
