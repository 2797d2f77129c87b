import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether the person was asked for a code. Not by the Table API, which copies whole tables on SQLite. */
export class AddWasAsked1764800000000 implements MigrationInterface {
  readonly name = 'AddWasAsked1764800000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    if (await queryRunner.hasColumn('authorization_code', 'wasAsked')) return;
    await queryRunner.query('ALTER TABLE authorization_code ADD COLUMN wasAsked boolean NOT NULL DEFAULT 0');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (!(await queryRunner.hasColumn('authorization_code', 'wasAsked'))) return;
    await queryRunner.query('ALTER TABLE authorization_code DROP COLUMN wasAsked');
  }
}
