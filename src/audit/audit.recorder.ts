import type { Clock } from '../database/clock.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { newId } from '../ids.js';
import type { RequestContext } from '../request-context.js';
import type { AuditEntry } from './audit-event.js';
import { AuditEventEntity } from './audit-event.entity.js';

interface Waiting {
  row: AuditEventEntity;
  done: () => void;
  failed: (error: unknown) => void;
}

/** Appends to the audit trail: in the commit of the change, or before a secret leaves. */
export class AuditRecorder {
  private waiting: Waiting[] = [];
  private flushing = false;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** Writes the row in the transaction of the change it tells of. */
  async record(tx: Transaction, ctx: RequestContext, entry: AuditEntry): Promise<void> {
    await tx.manager.insert(AuditEventEntity, this.row(ctx, entry));
  }

  /**
   * Resolves once the row has committed. Calls that come while a commit is under way share the next one, so that many
   * readers of secrets cost few commits.
   */
  async recordBeforeAnswer(ctx: RequestContext, entry: AuditEntry): Promise<void> {
    await new Promise<void>((done, failed) => {
      this.waiting.push({ row: this.row(ctx, entry), done, failed });
      if (!this.flushing) void this.flush();
    });
  }

  private async flush(): Promise<void> {
    this.flushing = true;
    while (this.waiting.length > 0) {
      const group = this.waiting.splice(0, 500);
      try {
        await this.unitOfWork.run((tx) =>
          tx.manager.insert(
            AuditEventEntity,
            group.map((each) => each.row),
          ),
        );
        for (const each of group) each.done();
      } catch (error) {
        for (const each of group) each.failed(error);
      }
    }
    this.flushing = false;
  }

  private row(ctx: RequestContext, entry: AuditEntry): AuditEventEntity {
    return Object.assign(new AuditEventEntity(), {
      id: newId('auditEvent'),
      action: entry.action,
      actorId: ctx.actor?.id ?? null,
      actorName: ctx.actor?.name ?? 'anonymous',
      subjectId: entry.subjectId,
      success: entry.success ?? true,
      detail: entry.detail ?? null,
      ip: ctx.ip,
      requestId: ctx.requestId,
      occurredAt: this.clock.now(),
    });
  }
}
