import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { id, instant } from './table-columns.js';

/** What replicas tell of themselves. */
export class CreateExchangeOwner1764840000000 implements MigrationInterface {
  readonly name = 'CreateExchangeOwner1764840000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const columns = [id('pk_exchange_owner'), instant('since'), instant('seenAt'), instant('settledBefore')];
    await queryRunner.createTable(new Table({ name: 'exchange_owner', columns }), true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('exchange_owner');
  }
}
