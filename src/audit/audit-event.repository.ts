import { In, type SelectQueryBuilder } from 'typeorm';
import type { Database } from '../database/database.js';
import { fetchPageForEach, type PagesByParent } from '../database/page-for-each.js';
import { fetchPage, type Page, type PageRequest, type Sort } from '../database/page.js';
import type { Reach } from '../reach.js';
import type { AuditAction } from './audit-event.js';
import { AuditEventEntity } from './audit-event.entity.js';

export interface AuditEventFilter {
  actions?: AuditAction[] | null;
  actorIds?: string[] | null;
  subjectIds?: string[] | null;
}

const CLIENTS_SQL = 'SELECT client.id FROM client client WHERE client.providerId IN (:...providerIds)';

/** SQL has no empty list. */
function orNone(ids: readonly string[] | null): readonly string[] {
  return ids && ids.length > 0 ? ids : [''];
}

/** Newest first. */
const NEWEST_FIRST: Sort<AuditEventEntity> = { column: 'id', direction: 'DESC' };

export class AuditEventRepository {
  constructor(private readonly database: Database) {}

  findByIds(ids: readonly string[], reach: Reach | null): Promise<AuditEventEntity[]> {
    return this.within(reach)
      .andWhere({ id: In([...ids]) })
      .getMany();
  }

  /** Whether that has ever happened to the record, which may be gone. */
  has(action: AuditAction, subjectId: string): Promise<boolean> {
    return this.database.manager.existsBy(AuditEventEntity, { subjectId, action });
  }

  /** The same page of what happened to each of these records, in as many queries as for one. */
  pageForEachSubject(subjectIds: readonly string[], request: PageRequest): Promise<PagesByParent<AuditEventEntity>> {
    return fetchPageForEach(this.database, AuditEventEntity, 'subjectId', subjectIds, request, NEWEST_FIRST);
  }

  /** @param reach of these records alone, while they exist; null for of all */
  page(filter: AuditEventFilter, request: PageRequest, reach: Reach | null = null): Promise<Page<AuditEventEntity>> {
    const query = this.within(reach);
    if (filter.actions) query.andWhere({ action: In(filter.actions) });
    if (filter.actorIds) query.andWhere({ actorId: In(filter.actorIds) });
    if (filter.subjectIds) query.andWhere({ subjectId: In(filter.subjectIds) });
    return fetchPage(query, request, NEWEST_FIRST);
  }

  private within(reach: Reach | null): SelectQueryBuilder<AuditEventEntity> {
    const query = this.database.manager.createQueryBuilder(AuditEventEntity, 'event');
    if (!reach) return query;
    const { providerIds, tokenIds } = reach;
    const ofTokens = [
      ...(tokenIds ? ['token.id IN (:...tokenIds)'] : []),
      ...(providerIds ? ['token.providerId IN (:...providerIds)'] : []),
    ];
    const subjects = [
      `event.subjectId IN (SELECT token.id FROM token token WHERE ${ofTokens.join(' AND ')})`,
      ...(providerIds ? ['event.subjectId IN (:...providerIds)', `event.subjectId IN (${CLIENTS_SQL})`] : []),
    ];
    return query.where(`(${subjects.join(' OR ')})`, {
      tokenIds: orNone(tokenIds),
      providerIds: orNone(providerIds),
    });
  }
}
