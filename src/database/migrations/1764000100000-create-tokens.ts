import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import {
  bigint,
  boolean,
  foreignKey,
  id,
  instant,
  int,
  longText,
  nullable,
  ref,
  text,
  varchar,
} from './table-columns.js';

/** Tokens, their labels, the requests that obtain their credentials, and the journeys of browsers to providers. */
export class CreateTokens1764000100000 implements MigrationInterface {
  readonly name = 'CreateTokens1764000100000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of [token(), tokenLabel(), exchangeAttempt(), authorizationRequest()])
      await queryRunner.createTable(table, true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of ['authorization_request', 'exchange_attempt', 'token_label', 'token'])
      await queryRunner.dropTable(name);
  }
}

function token(): Table {
  return new Table({
    name: 'token',
    columns: [
      id('pk_token'),
      varchar('name', 200),
      varchar('nameKey', 200),
      ref('providerId'),
      ref('clientId'),
      boolean('useProviderClient'),
      ref('userId', nullable),
      varchar('grantType', 32),
      varchar('externalId', 200, nullable),
      boolean('enabled'),
      varchar('connectionState', 16),
      text('scopes'),
      text('grantedScopes'),
      text('resource'),
      longText('authorizationParameters', nullable),
      longText('tokenParameters', nullable),
      longText('login', nullable),
      longText('accessToken', nullable),
      longText('refreshToken', nullable),
      longText('idToken', nullable),
      varchar('credentialHost', 800, nullable),
      varchar('accessTokenHint', 4, nullable),
      varchar('tokenType', 64, nullable),
      int('expiresIn', nullable),
      varchar('rawExpiresIn', 100, nullable),
      boolean('expiryAnomaly'),
      instant('expiresAt', nullable),
      instant('sortExpiresAt'),
      instant('refreshTokenExpiresAt', nullable),
      instant('authorizationExpiresAt', nullable),
      boolean('renewable'),
      boolean('autoRefresh'),
      varchar('resetInterval', 64, nullable),
      instant('nextRefreshAt'),
      ref('reservedBy', nullable),
      int('failures'),
      int('unknownOutcomes'),
      instant('issuedAt', nullable),
      instant('authorizedAt', nullable),
      instant('lastRefreshedAt', nullable),
      instant('lastUsedAt', nullable),
      instant('sortLastUsedAt'),
      instant('revokedAt', nullable),
      varchar('accountSubject', 255, nullable),
      varchar('accountEmail', 255, nullable),
      varchar('accountName', 255, nullable),
      text('lastError', nullable),
      longText('lastExchange', nullable),
      int('generation'),
      int('epoch'),
      ref('leaseOwner', nullable),
      bigint('leaseUntilMs'),
      instant('createdAt'),
      instant('updatedAt'),
      int('version'),
    ],
    foreignKeys: [
      foreignKey('fk_token_provider', 'providerId', 'provider'),
      foreignKey('fk_token_client', 'clientId', 'client'),
      foreignKey('fk_token_user', 'userId', 'user', 'SET NULL'),
    ],
    indices: [
      { name: 'uq_token_name_key', columnNames: ['nameKey'], isUnique: true },
      { name: 'ix_token_provider_id', columnNames: ['providerId', 'id'] },
      { name: 'ix_token_client_id', columnNames: ['clientId', 'id'] },
      { name: 'ix_token_user_id', columnNames: ['userId', 'id'] },
      { name: 'ix_token_external_id', columnNames: ['externalId', 'id'] },
      { name: 'ix_token_expires_at', columnNames: ['sortExpiresAt', 'id'] },
      { name: 'ix_token_last_used_at', columnNames: ['sortLastUsedAt', 'id'] },
      { name: 'ix_token_next_refresh_at', columnNames: ['nextRefreshAt', 'id'] },
      { name: 'ix_token_revoked_at', columnNames: ['revokedAt', 'id'] },
    ],
  });
}

function tokenLabel(): Table {
  const primaryKeyConstraintName = 'pk_token_label';
  return new Table({
    name: 'token_label',
    columns: [
      { ...ref('tokenId'), isPrimary: true, primaryKeyConstraintName },
      { ...varchar('name', 64), isPrimary: true, primaryKeyConstraintName },
      varchar('value', 200),
    ],
    foreignKeys: [foreignKey('fk_token_label_token', 'tokenId', 'token', 'CASCADE')],
    indices: [{ name: 'ix_token_label_name_value', columnNames: ['name', 'value', 'tokenId'] }],
  });
}

function exchangeAttempt(): Table {
  return new Table({
    name: 'exchange_attempt',
    columns: [
      id('pk_exchange_attempt'),
      ref('tokenId'),
      varchar('kind', 16),
      ref('ownerId'),
      int('epoch'),
      int('generation'),
      longText('context', nullable),
      varchar('state', 16),
      varchar('spentHash', 64, nullable),
      longText('answer', nullable),
      instant('startedAt'),
      instant('finishedAt', nullable),
    ],
    foreignKeys: [foreignKey('fk_exchange_attempt_token', 'tokenId', 'token', 'CASCADE')],
    indices: [
      { name: 'ix_exchange_attempt_token_id', columnNames: ['tokenId', 'id'] },
      { name: 'ix_exchange_attempt_state', columnNames: ['state', 'id'] },
    ],
  });
}

function authorizationRequest(): Table {
  return new Table({
    name: 'authorization_request',
    columns: [
      id('pk_authorization_request'),
      varchar('stateHash', 64),
      varchar('handleHash', 64),
      varchar('cookieHash', 64, nullable),
      ref('tokenId'),
      ref('clientId'),
      longText('secrets', nullable),
      varchar('returnTo', 2048, nullable),
      boolean('allowOtherAccount'),
      instant('expiresAt'),
      instant('usedAt', nullable),
      instant('createdAt'),
    ],
    foreignKeys: [foreignKey('fk_authorization_request_token', 'tokenId', 'token', 'CASCADE')],
    indices: [
      { name: 'uq_authorization_request_state', columnNames: ['stateHash'], isUnique: true },
      { name: 'uq_authorization_request_handle', columnNames: ['handleHash'], isUnique: true },
      { name: 'ix_authorization_request_token_id', columnNames: ['tokenId'] },
      { name: 'ix_authorization_request_expires_at', columnNames: ['expiresAt'] },
    ],
  });
}
