import { In } from 'typeorm';
import type { Database, Reader } from '../database/database.js';
import { whereNameBegins } from '../database/name-prefix.js';
import { fetchPage, type Page, type PageRequest, type Sort } from '../database/page.js';
import { readIn } from '../database/read-in.js';
import type { Transaction } from '../database/unit-of-work.js';
import { updateVersioned } from '../database/versioned-update.js';
import type { ProviderKind } from './provider-enums.js';
import { ProviderEntity } from './provider.entity.js';

export interface ProviderFilter {
  ids?: readonly string[] | null;
  search?: string | null;
  kinds?: ProviderKind[] | null;
  enabled?: boolean | null;
}

export class ProviderRepository {
  constructor(private readonly database: Database) {}

  findById(id: string, reader: Reader = this.database): Promise<ProviderEntity | null> {
    return reader.manager.findOneBy(ProviderEntity, { id });
  }

  findByKey(key: string, reader: Reader = this.database): Promise<ProviderEntity | null> {
    return reader.manager.findOneBy(ProviderEntity, { key });
  }

  findByIds(ids: readonly string[]): Promise<ProviderEntity[]> {
    return readIn(this.database.manager, ProviderEntity, 'id', ids);
  }

  /** Of those that are there, by id. */
  async versionsOf(ids: readonly string[]): Promise<Map<string, number>> {
    const select = { id: true, version: true } as const;
    const rows = await this.database.manager.find(ProviderEntity, { select, where: { id: In([...ids]) } });
    return new Map(rows.map(({ id, version }) => [id, version]));
  }

  page(filter: ProviderFilter, request: PageRequest, sort: Sort<ProviderEntity>): Promise<Page<ProviderEntity>> {
    const query = this.database.manager.createQueryBuilder(ProviderEntity, 'provider');
    whereNameBegins(query, filter.search);
    if (filter.ids) query.andWhere({ id: In([...filter.ids]) });
    if (filter.kinds) query.andWhere({ kind: In(filter.kinds) });
    if (filter.enabled != null) query.andWhere({ enabled: filter.enabled });
    return fetchPage(query, request, sort);
  }

  async insert(tx: Transaction, row: ProviderEntity): Promise<void> {
    await tx.manager.insert(ProviderEntity, row);
  }

  update(tx: Transaction, row: ProviderEntity, changes: Partial<ProviderEntity>, now: Date): Promise<ProviderEntity> {
    return updateVersioned(tx, ProviderEntity, row, changes, now);
  }

  /** @returns false when it was gone already */
  async delete(tx: Transaction, id: string): Promise<boolean> {
    const { affected } = await tx.manager.delete(ProviderEntity, { id });
    return affected === 1;
  }
}
