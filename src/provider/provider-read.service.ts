import { emptyPage, type Page, type PageRequest, type Sort } from '../database/page.js';
import { isId } from '../ids.js';
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
    if (!maySeeAll(ctx)) return null;
    if (by.id != null) return isId('provider', by.id) ? this.providers.findById(by.id) : null;
    return by.key == null ? null : this.providers.findByKey(by.key);
  }

  page(
    ctx: RequestContext,
    filter: ProviderFilter,
    request: PageRequest,
    sort: Sort<ProviderEntity>,
  ): Promise<Page<ProviderEntity>> {
    return maySeeAll(ctx) ? this.providers.page(filter, request, sort) : Promise.resolve(emptyPage(request, sort));
  }

  /** Whether the caller sees every provider and client, or only what his own tokens lead to. */
  maySeeAll(ctx: RequestContext): boolean {
    return maySeeAll(ctx);
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
}

function maySeeAll(ctx: RequestContext): boolean {
  return hasRole(ctx, 'SYSTEM_MANAGER', 'AUDITOR');
}
