import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { boolean, foreignKey, id, instant, int, longText, nullable, ref, text, varchar } from './table-columns.js';

/** Providers, the hub's registrations at them, and the secrets of those. */
export class CreateProviders1763900200000 implements MigrationInterface {
  readonly name = 'CreateProviders1763900200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of [provider(), client(), clientSecret()]) await queryRunner.createTable(table, true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of ['client_secret', 'client', 'provider']) await queryRunner.dropTable(name, true);
  }
}

function provider(): Table {
  return new Table({
    name: 'provider',
    columns: [
      id('pk_provider'),
      varchar('key', 64),
      varchar('name', 200),
      varchar('nameKey', 200),
      varchar('kind', 16),
      varchar('catalogueKey', 64, nullable),
      varchar('category', 64, nullable),
      ...URL_COLUMNS.map((name) => text(name, nullable)),
      text('grantTypes'),
      varchar('tokenEndpointAuthMethod', 32),
      boolean('pkce'),
      varchar('scopeSeparator', 8),
      text('defaultScopes'),
      text('requiredScopes'),
      longText('authorizationParameters', nullable),
      longText('tokenParameters', nullable),
      boolean('requireRefreshToken'),
      ref('baseId', nullable),
      varchar('rotation', 24),
      varchar('revocationScope', 16),
      varchar('expiresInUnit', 16),
      varchar('assertionAudience', 16),
      varchar('accessTokenLifetime', 32, nullable),
      varchar('authorizationLifetime', 32, nullable),
      varchar('refreshMargin', 32),
      boolean('enabled'),
      instant('createdAt'),
      instant('updatedAt'),
      int('version'),
    ],
    foreignKeys: [foreignKey('fk_provider_base', 'baseId', 'provider', 'SET NULL')],
    indices: [
      { name: 'uq_provider_key', columnNames: ['key'], isUnique: true },
      { name: 'ix_provider_name_key', columnNames: ['nameKey', 'id'] },
      { name: 'ix_provider_base_id', columnNames: ['baseId'] },
    ],
  });
}

const URL_COLUMNS = [
  'documentationUrl',
  'issuer',
  'authorizationEndpoint',
  'tokenEndpoint',
  'refreshEndpoint',
  'revocationEndpoint',
  'introspectionEndpoint',
  'userinfoEndpoint',
  'deviceAuthorizationEndpoint',
];

function client(): Table {
  return new Table({
    name: 'client',
    columns: [
      id('pk_client'),
      ref('providerId'),
      ref('defaultForProviderId', nullable),
      varchar('name', 200),
      varchar('nameKey', 200),
      varchar('clientId', 255),
      text('scopes'),
      text('grantTypes'),
      varchar('tokenEndpointAuthMethod', 32),
      boolean('enabled'),
      instant('createdAt'),
      instant('updatedAt'),
      int('version'),
    ],
    foreignKeys: [foreignKey('fk_client_provider', 'providerId', 'provider')],
    indices: [
      { name: 'uq_client_provider_client_id', columnNames: ['providerId', 'clientId'], isUnique: true },
      { name: 'uq_client_default_for', columnNames: ['defaultForProviderId'], isUnique: true },
      { name: 'ix_client_name_key', columnNames: ['nameKey', 'id'] },
      { name: 'ix_client_provider_name_key', columnNames: ['providerId', 'nameKey', 'id'] },
    ],
  });
}

function clientSecret(): Table {
  return new Table({
    name: 'client_secret',
    columns: [
      id('pk_client_secret'),
      ref('clientId'),
      longText('value'),
      varchar('hint', 4),
      instant('expiresAt', nullable),
      instant('createdAt'),
    ],
    foreignKeys: [foreignKey('fk_client_secret_client', 'clientId', 'client', 'CASCADE')],
    indices: [{ name: 'ix_client_secret_client_id', columnNames: ['clientId', 'id'] }],
  });
}
