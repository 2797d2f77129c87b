import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { id, instant, int, longText, ref, varchar } from './table-columns.js';

/** Revocations that wait for their provider. */
export class CreateRevocation1764100000000 implements MigrationInterface {
  readonly name = 'CreateRevocation1764100000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(revocation(), true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('revocation');
  }
}

function revocation(): Table {
  return new Table({
    name: 'revocation',
    columns: [
      id('pk_revocation'),
      ref('tokenId'),
      ref('providerId'),
      ref('clientId'),
      varchar('hint', 16),
      longText('value'),
      varchar('credentialHost', 800),
      int('tries'),
      instant('dueAt'),
      instant('createdAt'),
    ],
    indices: [
      { name: 'ix_revocation_due_at', columnNames: ['dueAt', 'id'] },
      { name: 'ix_revocation_token_id', columnNames: ['tokenId', 'id'] },
    ],
  });
}
