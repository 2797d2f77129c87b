import { AuditRecorder } from '../../src/audit/audit.recorder.js';
import { AuthorizationCodeRepository } from '../../src/authorization-code/authorization-code.repository.js';
import { AuthorizationCodes } from '../../src/authorization-code/authorization-code.service.js';
import { ClientSecretEntity } from '../../src/client/client-secret.entity.js';
import { ClientEntity } from '../../src/client/client.entity.js';
import { databaseConfig } from '../../src/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import type { Database } from '../../src/database/database.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { newId } from '../../src/ids.js';
import { IssuedValueMinter, type Minted } from '../../src/issued-value/issued-value-minter.js';
import { IssuedValueRepository } from '../../src/issued-value/issued-value.repository.js';
import { StolenFamilies } from '../../src/issued-value/stolen-families.js';
import { newValueText, valueHash } from '../../src/issued-value/value-text.js';
import { Consents } from '../../src/issuer/consents.js';
import type { GrantOrder } from '../../src/issuer/grant-order.js';
import { IssuedGrantRepository } from '../../src/issuer/issued-grant.repository.js';
import { IssuedGrants } from '../../src/issuer/issued-grants.js';
import { ProviderEntity } from '../../src/provider/provider.entity.js';
import { hubContext } from '../../src/request-context.js';
import { TokenRepository } from '../../src/token/token.repository.js';
import { UserEntity } from '../../src/user/user.entity.js';
import { DataKeyRing } from '../../src/vault/data-key-ring.js';
import { DataKeyRepository } from '../../src/vault/data-key.repository.js';
import { parseMasterKeys } from '../../src/vault/master-keys.js';
import { sealedRef } from '../../src/vault/sealed-column.js';
import { Vault } from '../../src/vault/vault.js';
import { aClientRow } from '../support/rows.js';
import { userRow } from '../token/stored-rows.js';

/** Of TestHub. */
const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');
const CLOCK = { now: () => new Date() };

/** A client of the hub as its owner knows it. */
export interface ThirdParty {
  readonly row: ClientEntity;
  readonly secret: string;
  /** Header for client_secret_basic. */
  readonly basic: { authorization: string };
}

/** What a person has consented to. */
export interface Consent {
  readonly tokenId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly familyId: string;
}

/** Writes into the database of a running hub what its API or its pages would have written. */
export class ThirdParties {
  private constructor(
    readonly database: Database,
    readonly unitOfWork: UnitOfWork,
    private readonly vault: Vault,
    private readonly hub: ProviderEntity,
    readonly user: UserEntity,
  ) {}

  static async open(databaseUrl: string): Promise<ThirdParties> {
    const dataSource = await createDataSource(databaseConfig({ DATABASE_URL: databaseUrl })).initialize();
    const dialect = databaseUrl.startsWith('sqlite:') ? 'sqlite' : 'mysql';
    // Not by Database.open: the hub has the lock on the file.
    const database = { dialect, writer: dataSource, manager: dataSource.manager } as unknown as Database;
    const unitOfWork = new UnitOfWork(database);
    const keys = new DataKeyRepository(database);
    const vault = new Vault(await DataKeyRing.open(keys, unitOfWork, CLOCK, parseMasterKeys(MASTER_KEY)), CLOCK);
    const hub = await dataSource.manager.findOneByOrFail(ProviderEntity, { key: 'hub' });
    const user = userRow();
    await dataSource.manager.insert(UserEntity, user);
    return new ThirdParties(database, unitOfWork, vault, hub, user);
  }

  close(): Promise<void> {
    return this.database.writer.destroy();
  }

  /** With one secret, every grant type and two scopes, acting as `user`. */
  async client(given: Partial<ClientEntity> = {}): Promise<ThirdParty> {
    const row = aClientRow(this.hub.id, {
      scopes: ['hub:read', 'hub:call'],
      grantTypes: ['CLIENT_CREDENTIALS', 'AUTHORIZATION_CODE'],
      runAsId: this.user.id,
      ...given,
    });
    await this.database.writer.manager.insert(ClientEntity, row);
    const secret = await this.addSecret(row);
    return { row, secret, basic: basicOf(row.clientId, secret) };
  }

  async addSecret({ id: clientId }: Pick<ClientEntity, 'id'>, expiresAt: Date | null = null): Promise<string> {
    const id = newId('clientSecret');
    const secret = newValueText('clientSecret');
    const value = this.vault.seal(sealedRef(ClientSecretEntity, 'value', id), valueHash(secret));
    const row = { id, clientId, value, hint: secret.slice(-4), expiresAt, createdAt: new Date() };
    await this.database.writer.manager.insert(ClientSecretEntity, row);
    return secret;
  }

  /** As after the pages and the code: the first pair of a family. */
  async consent({ row: client }: ThirdParty, given: Partial<GrantOrder> = {}): Promise<Consent> {
    const order = { client, userId: this.user.id, scopes: client.scopes, resource: [], ...given };
    const grant = await this.grants.findOrCreate(hubContext('test'), { ...order, grantType: 'AUTHORIZATION_CODE' });
    const { accessToken, familyId, refreshToken } = await this.mint(grant.id, { familyId: null, generation: 1 });
    return { tokenId: grant.id, accessToken, refreshToken: refreshToken ?? '', familyId: familyId ?? '' };
  }

  /** An access token of an hour. */
  mint(tokenId: string, refresh: { familyId: string | null; generation: number } | null = null): Promise<Minted> {
    const { minter } = this;
    const expiresAt = new Date(Date.now() + 3_600_000);
    return minter.mint(hubContext('test'), { tokenId, scopes: null, expiresAt, refresh }, {});
  }

  /** As if so much time had passed for every value that was issued. */
  async pass(ms: number): Promise<void> {
    const { manager } = this.database.writer;
    for (const column of ['expiresAt', 'endsAt', 'usedAt', 'createdAt']) {
      const shifted =
        this.database.dialect === 'sqlite'
          ? `strftime('%Y-%m-%d %H:%M:%f', ${column}, '-${ms / 1000} seconds')`
          : `${column} - INTERVAL ${ms * 1000} MICROSECOND`;
      await manager.query(`UPDATE issued_value SET ${column} = ${shifted} WHERE ${column} IS NOT NULL`);
    }
  }

  async count(table: string): Promise<number> {
    const [row] = await this.database.writer.query<{ n: unknown }[]>(`SELECT COUNT(*) AS n FROM ${table}`);
    return Number(row?.n);
  }

  private get grants(): IssuedGrants {
    const audit = new AuditRecorder(this.unitOfWork, CLOCK);
    return new IssuedGrants(new IssuedGrantRepository(this.database), this.unitOfWork, audit, CLOCK);
  }

  /** As a replica beside the hub has them. */
  get codes(): AuthorizationCodes {
    const audit = new AuditRecorder(this.unitOfWork, CLOCK);
    const values = new IssuedValueRepository(this.database);
    const thefts = new StolenFamilies(values, new TokenRepository(this.database), audit, CLOCK);
    const codes = new AuthorizationCodeRepository(this.database);
    return new AuthorizationCodes(codes, thefts, this.unitOfWork, audit, CLOCK);
  }

  get consents(): Consents {
    return new Consents(this.codes, this.grants, new AuditRecorder(this.unitOfWork, CLOCK));
  }

  private get minter(): IssuedValueMinter {
    const audit = new AuditRecorder(this.unitOfWork, CLOCK);
    return new IssuedValueMinter(this.unitOfWork, new IssuedValueRepository(this.database), audit, CLOCK);
  }
}

export function basicOf(clientId: string, secret: string): { authorization: string } {
  const credentials = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}
