import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import {
  boolean,
  foreignKey,
  hashId,
  id,
  instant,
  int,
  bigint,
  nullable,
  ref,
  text,
  varchar,
} from './table-columns.js';

/** Users, their sessions, throttle counters, and the guard rows of rules that span several rows. */
export class CreatePeople1763900100000 implements MigrationInterface {
  readonly name = 'CreatePeople1763900100000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of [user(), session(), throttleCounter(), guard()]) await queryRunner.createTable(table, true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of ['guard', 'throttle_counter', 'session', 'user']) await queryRunner.dropTable(name, true);
  }
}

function user(): Table {
  return new Table({
    name: 'user',
    columns: [
      id('pk_user'),
      varchar('name', 200),
      varchar('nameKey', 200),
      varchar('email', 254, nullable),
      varchar('emailKey', 254, nullable),
      varchar('kind', 16),
      text('roles'),
      varchar('passwordHash', 255, nullable),
      boolean('enabled'),
      instant('lastLoginAt', nullable),
      instant('createdAt'),
      instant('updatedAt'),
      int('version'),
    ],
    indices: [
      { name: 'uq_user_email_key', columnNames: ['emailKey'], isUnique: true },
      { name: 'ix_user_name_key', columnNames: ['nameKey', 'id'] },
    ],
  });
}

function session(): Table {
  return new Table({
    name: 'session',
    columns: [
      id('pk_session'),
      ref('userId'),
      varchar('refreshHash', 64),
      varchar('previousRefreshHash', 64, nullable),
      instant('rotatedAt'),
      instant('expiresAt'),
      instant('createdAt'),
    ],
    foreignKeys: [foreignKey('fk_session_user', 'userId', 'user', 'CASCADE')],
    indices: [
      { name: 'ix_session_user_id', columnNames: ['userId'] },
      { name: 'ix_session_expires_at', columnNames: ['expiresAt'] },
    ],
  });
}

function throttleCounter(): Table {
  return new Table({
    name: 'throttle_counter',
    columns: [hashId('pk_throttle_counter'), int('count'), bigint('windowEndsAtMs')],
    indices: [{ name: 'ix_throttle_counter_window_end', columnNames: ['windowEndsAtMs'] }],
  });
}

function guard(): Table {
  return new Table({
    name: 'guard',
    columns: [{ ...varchar('name', 64), isPrimary: true, primaryKeyConstraintName: 'pk_guard' }, int('version')],
  });
}
