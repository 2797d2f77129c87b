import type { MigrationInterface, QueryRunner } from 'typeorm';

const INDEX = 'ix_token_client_user_live';

/** By which the token endpoint finds what a client has on behalf of a user. */
export class IndexLiveGrants1764810000000 implements MigrationInterface {
  readonly name = 'IndexLiveGrants1764810000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const table = await queryRunner.getTable('token');
    if (table?.indices.some(({ name }) => name === INDEX)) return;
    await queryRunner.query(`CREATE INDEX ${INDEX} ON token (clientId, userId, revokedAt, sortExpiresAt)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropIndex('token', INDEX);
  }
}
