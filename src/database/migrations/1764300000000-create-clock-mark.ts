import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bigint, id } from './table-columns.js';

/** The newest instant that a hub on SQLite has seen. */
export class CreateClockMark1764300000000 implements MigrationInterface {
  readonly name = 'CreateClockMark1764300000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const columns = [id('pk_clock_mark'), bigint('newestMs')];
    await queryRunner.createTable(new Table({ name: 'clock_mark', columns }), true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('clock_mark');
  }
}
