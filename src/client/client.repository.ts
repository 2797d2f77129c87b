import { In } from 'typeorm';
import type { Database, Reader } from '../database/database.js';
import { whereNameBegins } from '../database/name-prefix.js';
import { fetchPage, type Page, type PageRequest, type Sort } from '../database/page.js';
import { type PagesByParent, fetchPageForEach } from '../database/page-for-each.js';
import { readIn } from '../database/read-in.js';
import type { Transaction } from '../database/unit-of-work.js';
import { updateVersioned } from '../database/versioned-update.js';
import { ProviderEntity } from '../provider/provider.entity.js';
import { ClientEntity } from './client.entity.js';

export interface ClientFilter {
  search?: string | null;
  providerIds?: string[] | null;
  enabled?: boolean | null;
}

export class ClientRepository {
  constructor(private readonly database: Database) {}

  findById(id: string, reader: Reader = this.database): Promise<ClientEntity | null> {
    return reader.manager.findOneBy(ClientEntity, { id });
  }

  /** A client of the hub itself, by what it is called at the token endpoint. */
  findOfHub(clientId: string): Promise<ClientEntity | null> {
    return this.database.manager
      .createQueryBuilder(ClientEntity, 'client')
      .innerJoin(ProviderEntity, 'provider', "provider.id = client.providerId AND provider.kind = 'HUB'")
      .where({ clientId })
      .getOne();
  }

  findByIds(ids: readonly string[]): Promise<ClientEntity[]> {
    return readIn(this.database.manager, ClientEntity, 'id', ids);
  }

  findDefaultsOf(providerIds: readonly string[], reader: Reader = this.database): Promise<ClientEntity[]> {
    return reader.manager.findBy(ClientEntity, { defaultForProviderId: In([...providerIds]) });
  }

  findAllOfProvider(reader: Reader, providerId: string): Promise<ClientEntity[]> {
    return reader.manager.findBy(ClientEntity, { providerId });
  }

  /** @param providerIds of these alone; null for of all */
  page(
    filter: ClientFilter,
    request: PageRequest,
    sort: Sort<ClientEntity>,
    providerIds: readonly string[] | null = null,
  ): Promise<Page<ClientEntity>> {
    const query = this.database.manager.createQueryBuilder(ClientEntity, 'client');
    whereNameBegins(query, filter.search, 'clientId');
    if (filter.providerIds) query.andWhere({ providerId: In(filter.providerIds) });
    if (providerIds) query.andWhere({ providerId: In([...providerIds]) });
    if (filter.enabled != null) query.andWhere({ enabled: filter.enabled });
    return fetchPage(query, request, sort);
  }

  /** The same page of the clients of each provider, in as many queries as for one. */
  pageForEachProvider(
    providerIds: readonly string[],
    request: PageRequest,
    sort: Sort<ClientEntity>,
  ): Promise<PagesByParent<ClientEntity>> {
    return fetchPageForEach(this.database, ClientEntity, 'providerId', providerIds, request, sort);
  }

  async insert(tx: Transaction, row: ClientEntity): Promise<void> {
    await tx.manager.insert(ClientEntity, row);
  }

  update(tx: Transaction, row: ClientEntity, changes: Partial<ClientEntity>, now: Date): Promise<ClientEntity> {
    return updateVersioned(tx, ClientEntity, row, changes, now);
  }

  /** Makes this client the only default of the provider; null leaves it without one. */
  async setDefault(tx: Transaction, providerId: string, id: string | null): Promise<void> {
    await tx.manager.update(ClientEntity, { defaultForProviderId: providerId }, { defaultForProviderId: null });
    if (id !== null) await tx.manager.update(ClientEntity, { id, providerId }, { defaultForProviderId: providerId });
  }

  /** @returns false when it was gone already */
  async delete(tx: Transaction, id: string): Promise<boolean> {
    const { affected } = await tx.manager.delete(ClientEntity, { id });
    return affected === 1;
  }
}
