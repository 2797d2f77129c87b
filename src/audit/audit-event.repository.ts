import { In } from 'typeorm';
import type { Database } from '../database/database.js';
import { fetchPageForEach, type PagesByParent } from '../database/page-for-each.js';
import { fetchPage, type Page, type PageRequest, type Sort } from '../database/page.js';
import type { AuditAction } from './audit-event.js';
import { AuditEventEntity } from './audit-event.entity.js';

export interface AuditEventFilter {
  actions?: AuditAction[] | null;
  actorIds?: string[] | null;
  subjectIds?: string[] | null;
}

/** Newest first. */
const NEWEST_FIRST: Sort<AuditEventEntity> = { column: 'id', direction: 'DESC' };

export class AuditEventRepository {
  constructor(private readonly database: Database) {}

  findById(id: string): Promise<AuditEventEntity | null> {
    return this.database.manager.findOneBy(AuditEventEntity, { id });
  }

  /** The same page of what happened to each of these records, in as many queries as for one. */
  pageForEachSubject(subjectIds: readonly string[], request: PageRequest): Promise<PagesByParent<AuditEventEntity>> {
    return fetchPageForEach(this.database, AuditEventEntity, 'subjectId', subjectIds, request, NEWEST_FIRST);
  }

  page(filter: AuditEventFilter, request: PageRequest): Promise<Page<AuditEventEntity>> {
    const query = this.database.manager.createQueryBuilder(AuditEventEntity, 'event');
    if (filter.actions) query.andWhere({ action: In(filter.actions) });
    if (filter.actorIds) query.andWhere({ actorId: In(filter.actorIds) });
    if (filter.subjectIds) query.andWhere({ subjectId: In(filter.subjectIds) });
    return fetchPage(query, request, NEWEST_FIRST);
  }
}
