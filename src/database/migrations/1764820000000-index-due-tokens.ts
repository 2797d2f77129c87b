import type { MigrationInterface, QueryRunner } from 'typeorm';

const INDEXES = {
  ix_token_client_next_refresh_at: '(clientId, nextRefreshAt, id)',
  ix_token_renewed_expires_at: '(renewable, autoRefresh, enabled, sortExpiresAt, id)',
};

/** By which due work is found behind a provider that is full, and what has expired or will of what the hub renews. */
export class IndexDueTokens1764820000000 implements MigrationInterface {
  readonly name = 'IndexDueTokens1764820000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const table = await queryRunner.getTable('token');
    const made = new Set(table?.indices.map(({ name }) => name));
    for (const [name, columns] of Object.entries(INDEXES)) {
      if (!made.has(name)) await queryRunner.query(`CREATE INDEX ${name} ON token ${columns}`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of Object.keys(INDEXES)) await queryRunner.dropIndex('token', name);
  }
}
