import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How long a consent lasts however much it is used. Not by the Table API, which copies whole tables on SQLite. */
export class AddAuthorizationAbsoluteLifetime1764210000000 implements MigrationInterface {
  readonly name = 'AddAuthorizationAbsoluteLifetime1764210000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    if (await queryRunner.hasColumn('provider', 'authorizationAbsoluteLifetime')) return;
    await queryRunner.query('ALTER TABLE `provider` ADD COLUMN `authorizationAbsoluteLifetime` varchar(32)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (!(await queryRunner.hasColumn('provider', 'authorizationAbsoluteLifetime'))) return;
    await queryRunner.query('ALTER TABLE `provider` DROP COLUMN `authorizationAbsoluteLifetime`');
  }
}
