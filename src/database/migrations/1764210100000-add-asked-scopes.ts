import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a credential was asked for with. Not by the Table API, which copies whole tables on SQLite. */
export class AddAskedScopes1764210100000 implements MigrationInterface {
  readonly name = 'AddAskedScopes1764210100000';

  async up(queryRunner: QueryRunner): Promise<void> {
    if (await queryRunner.hasColumn('token', 'askedScopes')) return;
    await queryRunner.query('ALTER TABLE `token` ADD COLUMN `askedScopes` text');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (!(await queryRunner.hasColumn('token', 'askedScopes'))) return;
    await queryRunner.query('ALTER TABLE `token` DROP COLUMN `askedScopes`');
  }
}
