import type { Page, PageRequest } from '../database/page.js';
import { isId } from '../ids.js';
import { hasRole, type RequestContext } from '../request-context.js';
import type { AuditEventEntity } from './audit-event.entity.js';
import type { AuditEventFilter, AuditEventRepository } from './audit-event.repository.js';

/** The audit trail is for System Managers and Auditors. */
export class AuditEventReadService {
  constructor(private readonly events: AuditEventRepository) {}

  find(ctx: RequestContext, id: string): Promise<AuditEventEntity | null> {
    const maySee = hasRole(ctx, 'SYSTEM_MANAGER', 'AUDITOR') && isId('auditEvent', id);
    return maySee ? this.events.findById(id) : Promise.resolve(null);
  }

  /** The caller's right to it has been checked. */
  page(filter: AuditEventFilter, request: PageRequest): Promise<Page<AuditEventEntity>> {
    return this.events.page(filter, request);
  }
}
