import type { Page, PageRequest } from '../database/page.js';
import type { RequestContext } from '../request-context.js';
import type { AuditEventEntity } from './audit-event.entity.js';
import type { AuditEventFilter, AuditEventRepository } from './audit-event.repository.js';

/** The audit trail is for System Managers and Auditors; a machine of theirs may see what happened to what it reaches. */
export class AuditEventReadService {
  constructor(private readonly events: AuditEventRepository) {}

  /** The caller's right to the trail has been checked. */
  page(ctx: RequestContext, filter: AuditEventFilter, request: PageRequest): Promise<Page<AuditEventEntity>> {
    return this.events.page(filter, request, ctx.actor?.reach ?? null);
  }
}
