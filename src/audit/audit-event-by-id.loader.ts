import DataLoader from 'dataloader';
import type { RequestContext } from '../request-context.js';
import type { AuditEventEntity } from './audit-event.entity.js';
import type { AuditEventRepository } from './audit-event.repository.js';
import { maySeeTrail } from './trail-visibility.js';

/** Audit events by id that the caller may see, in one query for each tick. */
export class AuditEventByIdLoader extends DataLoader<string, AuditEventEntity | null> {
  constructor(events: AuditEventRepository, ctx: Pick<RequestContext, 'actor'>) {
    super(async (ids) => {
      const rows = maySeeTrail(ctx) ? await events.findByIds(ids, ctx.actor?.reach ?? null) : [];
      const found = new Map(rows.map((row) => [row.id, row]));
      return ids.map((id) => found.get(id) ?? null);
    });
  }
}
