import type { MigrationInterface, QueryRunner } from 'typeorm';

const INDEX = 'ix_token_provider_expires_at';

/** By which the hub finds what has expired among the tokens that it issues. */
export class IndexTokenExpiry1764600000000 implements MigrationInterface {
  readonly name = 'IndexTokenExpiry1764600000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const table = await queryRunner.getTable('token');
    if (table?.indices.some(({ name }) => name === INDEX)) return;
    await queryRunner.query(`CREATE INDEX ${INDEX} ON token (providerId, sortExpiresAt, id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropIndex('token', INDEX);
  }
}
