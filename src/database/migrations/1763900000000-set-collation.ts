import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Makes MySQL compare text as SQLite does: byte by byte. Every later table takes the database's default. */
export class SetCollation1763900000000 implements MigrationInterface {
  readonly name = 'SetCollation1763900000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    if (queryRunner.dataSource.options.type !== 'mysql') return;
    await queryRunner.query('ALTER DATABASE CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin');
  }

  /** The collation the database had before is not known and harms nothing. */
  async down(): Promise<void> {}
}
