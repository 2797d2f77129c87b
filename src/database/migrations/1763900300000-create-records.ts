import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bigint, boolean, hashId, id, instant, nullable, ref, text, varchar } from './table-columns.js';

/** What the hub remembers of its own doing: the audit trail and the answers kept for idempotency keys. */
export class CreateRecords1763900300000 implements MigrationInterface {
  readonly name = 'CreateRecords1763900300000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of [auditEvent(), idempotencyRecord()]) await queryRunner.createTable(table, true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of ['idempotency_record', 'audit_event']) await queryRunner.dropTable(name, true);
  }
}

function auditEvent(): Table {
  return new Table({
    name: 'audit_event',
    columns: [
      id('pk_audit_event'),
      varchar('action', 64),
      ref('actorId', nullable),
      varchar('actorName', 254),
      ref('subjectId', nullable),
      boolean('success'),
      text('detail', nullable),
      varchar('ip', 45, nullable),
      varchar('requestId', 64),
      instant('occurredAt'),
    ],
    indices: [
      { name: 'ix_audit_event_subject', columnNames: ['subjectId', 'id'] },
      { name: 'ix_audit_event_actor', columnNames: ['actorId', 'id'] },
      { name: 'ix_audit_event_action', columnNames: ['action', 'id'] },
    ],
  });
}

function idempotencyRecord(): Table {
  return new Table({
    name: 'idempotency_record',
    columns: [
      hashId('pk_idempotency_record'),
      varchar('inputHash', 128),
      varchar('owner', 40, nullable),
      bigint('ownedUntilMs'),
      text('answer', nullable),
      bigint('expiresAtMs'),
    ],
    indices: [{ name: 'ix_idempotency_record_expires', columnNames: ['expiresAtMs'] }],
  });
}
