import { PagesByParentLoader } from '../graphql/pages-by-parent.loader.js';
import type { AuditEventEntity } from './audit-event.entity.js';
import type { AuditEventRepository } from './audit-event.repository.js';

/** Pages of what happened to records, newest first. */
export class AuditEventsBySubjectIdLoader extends PagesByParentLoader<AuditEventEntity> {
  constructor(events: AuditEventRepository) {
    super((subjectIds, request) => events.pageForEachSubject(subjectIds, request));
  }
}
