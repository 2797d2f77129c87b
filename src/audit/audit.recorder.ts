import type { Clock } from '../database/clock.js';
import { insertAll } from '../database/insert-all.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { WriteGroup } from '../database/write-group.js';
import { newId } from '../ids.js';
import type { Actor, RequestContext } from '../request-context.js';
import type { AuditEntry } from './audit-event.js';
import { AuditEventEntity } from './audit-event.entity.js';

/** Appends to the audit trail: in the commit of the change, or before a secret leaves. */
export class AuditRecorder {
  private readonly reads: WriteGroup<AuditEventEntity, undefined>;

  constructor(
    unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {
    this.reads = new WriteGroup(unitOfWork, async (tx, rows) => {
      await insertAll(tx.manager, AuditEventEntity, rows);
      return rows.map(() => undefined);
    });
  }

  /** Writes the row in the transaction of the change it tells of. */
  async record(tx: Transaction, ctx: RequestContext, entry: AuditEntry): Promise<void> {
    await insertAll(tx.manager, AuditEventEntity, [this.row(ctx, entry)]);
  }

  /** Writes a row for each in one statement. */
  async recordAll(tx: Transaction, all: readonly { ctx: RequestContext; entry: AuditEntry }[]): Promise<void> {
    await insertAll(
      tx.manager,
      AuditEventEntity,
      all.map(({ ctx, entry }) => this.row(ctx, entry)),
    );
  }

  /**
   * Resolves once the row has committed. Calls that come while a commit is under way share the next one, so that many
   * readers of secrets cost few commits.
   */
  recordBeforeAnswer(ctx: RequestContext, entry: AuditEntry): Promise<void> {
    return this.reads.run(this.row(ctx, entry));
  }

  private row(ctx: RequestContext, entry: AuditEntry): AuditEventEntity {
    return {
      id: newId('auditEvent'),
      action: entry.action,
      actorId: ctx.actor?.id ?? null,
      actorName: nameOf(ctx.actor),
      subjectId: entry.subjectId,
      success: entry.success ?? true,
      detail: detailOf(ctx.actor, entry),
      ip: ctx.ip,
      requestId: ctx.requestId,
      occurredAt: this.clock.now(),
    };
  }
}

const NAME_LENGTH = 254;

/** Of a machine, as whom and through what. */
function nameOf(actor: Actor | null): string {
  if (!actor) return 'anonymous';
  return actor.client ? `${actor.name} via ${actor.client.name}`.slice(0, NAME_LENGTH) : actor.name;
}

/** Of a machine, with its client: names change, and the column of the name may be too short for both. */
function detailOf(actor: Actor | null, { detail }: AuditEntry): object | null {
  return actor?.client ? { ...detail, actingClientId: actor.client.id } : (detail ?? null);
}
