import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The token whose consent a code stands on. Not by the Table API, which copies whole tables on SQLite. */
export class AddStandingToken1764850000000 implements MigrationInterface {
  readonly name = 'AddStandingToken1764850000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    if (await queryRunner.hasColumn('authorization_code', 'standingTokenId')) return;
    await queryRunner.query('ALTER TABLE authorization_code ADD COLUMN standingTokenId varchar(40) NULL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (!(await queryRunner.hasColumn('authorization_code', 'standingTokenId'))) return;
    await queryRunner.query('ALTER TABLE authorization_code DROP COLUMN standingTokenId');
  }
}
