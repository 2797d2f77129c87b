import { Entity, Index } from 'typeorm';
import { BooleanColumn, IdColumn, InstantColumn, JsonColumn, RefColumn, TextColumn } from '../database/columns.js';

/** What happened, who did it and to what. Rows are only ever added; no foreign keys, so that history outlives its subjects. */
@Entity('audit_event')
@Index('ix_audit_event_subject', ['subjectId', 'id'])
@Index('ix_audit_event_actor', ['actorId', 'id'])
@Index('ix_audit_event_action', ['action', 'id'])
export class AuditEventEntity {
  @IdColumn()
  id!: string;

  @TextColumn(64)
  action!: string;

  @RefColumn({ nullable: true })
  actorId!: string | null;

  @TextColumn(254)
  actorName!: string;

  @RefColumn({ nullable: true })
  subjectId!: string | null;

  @BooleanColumn()
  success!: boolean;

  @JsonColumn({ nullable: true })
  detail!: object | null;

  @TextColumn(45, { nullable: true })
  ip!: string | null;

  @TextColumn(64)
  requestId!: string;

  @InstantColumn()
  occurredAt!: Date;
}
