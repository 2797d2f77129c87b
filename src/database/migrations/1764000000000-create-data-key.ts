import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { id, instant, int, nullable, varchar } from './table-columns.js';

/** The vault's data keys, wrapped by the master keys. */
export class CreateDataKey1764000000000 implements MigrationInterface {
  readonly name = 'CreateDataKey1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({
        name: 'data_key',
        columns: [
          id('pk_data_key'),
          int('generation'),
          varchar('wrappedKey', 255),
          instant('createdAt'),
          instant('retiredAt', nullable),
        ],
        indices: [{ name: 'uq_data_key_generation', columnNames: ['generation'], isUnique: true }],
      }),
      true,
    );
  }

  /** Takes with it every secret that was sealed. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('data_key', true);
  }
}
