import type { MigrationInterface, QueryRunner } from 'typeorm';

const INDEX = 'ix_client_client_id';

/** By which clients are found by the beginning of their client id. */
export class IndexClientId1764700000000 implements MigrationInterface {
  readonly name = 'IndexClientId1764700000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const table = await queryRunner.getTable('client');
    if (table?.indices.some(({ name }) => name === INDEX)) return;
    await queryRunner.query(`CREATE INDEX ${INDEX} ON client (clientId)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropIndex('client', INDEX);
  }
}
