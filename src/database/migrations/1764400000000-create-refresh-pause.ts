import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { boolean, id, instant, int } from './table-columns.js';

const INDEX = 'ix_token_reserved_by';

/** What all replicas know of providers and clients that are not asked for a while, and what each has set aside. */
export class CreateRefreshPause1764400000000 implements MigrationInterface {
  readonly name = 'CreateRefreshPause1764400000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const columns = [id('pk_refresh_pause'), instant('endsAt'), int('lengthMs'), boolean('isAsked')];
    await queryRunner.createTable(new Table({ name: 'refresh_pause', columns }), true);
    const table = await queryRunner.getTable('token');
    if (table?.indices.some(({ name }) => name === INDEX)) return;
    await queryRunner.query(`CREATE INDEX ${INDEX} ON token (reservedBy, providerId)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropIndex('token', INDEX);
    await queryRunner.dropTable('refresh_pause');
  }
}
