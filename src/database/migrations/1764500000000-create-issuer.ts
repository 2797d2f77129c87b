import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { foreignKey, hashId, id, instant, int, longText, nullable, ref, text, varchar } from './table-columns.js';

const CLIENT_COLUMNS = [
  ['redirectUris', 'text'],
  ['publicKeys', 'varchar(4000)'],
  ['contactName', 'varchar(200)'],
  ['contactEmail', 'varchar(254)'],
  ['trusted', 'boolean NOT NULL DEFAULT 0'],
  ['resourceServer', 'boolean NOT NULL DEFAULT 0'],
  ['resource', 'text'],
  ['runAsId', 'varchar(40)'],
  ['allowedTokens', 'text'],
  ['allowedProviders', 'text'],
  ['automaticAuthorization', 'boolean NOT NULL DEFAULT 0'],
  ['tokenLifetime', 'varchar(32)'],
  ['tokenStorage', 'varchar(16)'],
  ['accessTokenFormat', 'varchar(16)'],
] as const;
const TOKEN_COLUMNS = [
  ['grantKey', 'varchar(64)'],
  ['replacesId', 'varchar(40)'],
] as const;
const INDICES = [
  ['token', 'uq_token_grant_key', 'UNIQUE INDEX', 'grantKey'],
  ['token', 'ix_token_replaces', 'INDEX', 'replacesId'],
] as const;

/** What the hub needs to issue tokens itself. Columns not by the Table API, which copies whole tables on SQLite. */
export class CreateIssuer1764500000000 implements MigrationInterface {
  readonly name = 'CreateIssuer1764500000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const [name, type] of CLIENT_COLUMNS) await addColumn(queryRunner, 'client', name, type);
    for (const [name, type] of TOKEN_COLUMNS) await addColumn(queryRunner, 'token', name, type);
    for (const [tableName, name, kind, column] of INDICES) {
      const table = await queryRunner.getTable(tableName);
      if (table?.indices.some((index) => index.name === name)) continue;
      await queryRunner.query(`CREATE ${kind} ${name} ON ${tableName} (${column})`);
    }
    for (const table of [issuedValue(), authorizationCode(), signingKey(), clientAssertion()])
      await queryRunner.createTable(table, true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of ['client_assertion', 'signing_key', 'authorization_code', 'issued_value'])
      await queryRunner.dropTable(name, true);
    for (const [tableName, name] of INDICES) await queryRunner.dropIndex(tableName, name);
    for (const [name] of TOKEN_COLUMNS) await queryRunner.query(`ALTER TABLE token DROP COLUMN ${name}`);
    for (const [name] of CLIENT_COLUMNS) await queryRunner.query(`ALTER TABLE client DROP COLUMN ${name}`);
  }
}

async function addColumn(queryRunner: QueryRunner, table: string, name: string, type: string): Promise<void> {
  if (await queryRunner.hasColumn(table, name)) return;
  await queryRunner.query(`ALTER TABLE ${table} ADD COLUMN ${name} ${type}`);
}

function issuedValue(): Table {
  return new Table({
    name: 'issued_value',
    columns: [
      id('pk_issued_value'),
      ref('tokenId'),
      varchar('kind', 8),
      varchar('hash', 64),
      ref('familyId', nullable),
      int('generation'),
      int('familyGeneration', nullable),
      text('scopes', nullable),
      instant('expiresAt', nullable),
      instant('endsAt', nullable),
      instant('usedAt', nullable),
      ref('successorKeyId', nullable),
      instant('createdAt'),
    ],
    foreignKeys: [foreignKey('fk_issued_value_token', 'tokenId', 'token', 'CASCADE')],
    indices: [
      { name: 'uq_issued_value_hash', columnNames: ['hash'], isUnique: true },
      { name: 'ix_issued_value_token_id', columnNames: ['tokenId', 'id'] },
      { name: 'ix_issued_value_family_id', columnNames: ['familyId', 'generation'] },
      { name: 'ix_issued_value_expires_at', columnNames: ['expiresAt'] },
    ],
  });
}

function authorizationCode(): Table {
  return new Table({
    name: 'authorization_code',
    columns: [
      id('pk_authorization_code'),
      varchar('hash', 64),
      ref('clientId'),
      ref('userId'),
      text('scopes'),
      text('resource'),
      varchar('redirectUri', 2048, nullable),
      varchar('codeChallenge', 64),
      varchar('nonce', 255, nullable),
      instant('authenticatedAt'),
      instant('expiresAt'),
      instant('usedAt', nullable),
      ref('familyId', nullable),
      instant('createdAt'),
    ],
    foreignKeys: [
      foreignKey('fk_authorization_code_client', 'clientId', 'client', 'CASCADE'),
      foreignKey('fk_authorization_code_user', 'userId', 'user', 'CASCADE'),
    ],
    indices: [
      { name: 'uq_authorization_code_hash', columnNames: ['hash'], isUnique: true },
      { name: 'ix_authorization_code_client_id', columnNames: ['clientId'] },
      { name: 'ix_authorization_code_user_id', columnNames: ['userId'] },
      { name: 'ix_authorization_code_expires_at', columnNames: ['expiresAt'] },
    ],
  });
}

function signingKey(): Table {
  return new Table({
    name: 'signing_key',
    columns: [
      id('pk_signing_key'),
      int('generation'),
      varchar('publicKey', 2000),
      longText('privateKey'),
      instant('signsFrom'),
      instant('retiresAt', nullable),
      instant('createdAt'),
    ],
    indices: [
      { name: 'uq_signing_key_generation', columnNames: ['generation'], isUnique: true },
      { name: 'ix_signing_key_retires_at', columnNames: ['retiresAt'] },
    ],
  });
}

function clientAssertion(): Table {
  return new Table({
    name: 'client_assertion',
    columns: [hashId('pk_client_assertion'), instant('expiresAt')],
    indices: [{ name: 'ix_client_assertion_expires_at', columnNames: ['expiresAt'] }],
  });
}
