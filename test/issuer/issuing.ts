import { AuditRecorder } from '../../src/audit/audit.recorder.js';
import type { AccessTokenFormat } from '../../src/client/client-enums.js';
import { ClientEntity } from '../../src/client/client.entity.js';
import { databaseUrl } from '../../src/config-database-url.js';
import { DatabaseClock } from '../../src/database/clock.js';
import { Database } from '../../src/database/database.js';
import { Migrator } from '../../src/database/migrator.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { newId } from '../../src/ids.js';
import { IssuedValueLookup } from '../../src/issued-value/issued-value-lookup.js';
import { IssuedValueMinter } from '../../src/issued-value/issued-value-minter.js';
import { IssuedValueRepository } from '../../src/issued-value/issued-value.repository.js';
import { StolenFamilies } from '../../src/issued-value/stolen-families.js';
import { HubProvider } from '../../src/issuer/hub-provider.js';
import { issuedTokenRow } from '../../src/issuer/issued-token-row.js';
import { JwtAccessTokens } from '../../src/issuer/jwt-access-tokens.js';
import { RefreshRotation } from '../../src/issuer/refresh-rotation.js';
import { createLog } from '../../src/log.js';
import { ProviderEntity } from '../../src/provider/provider.entity.js';
import { ProviderRepository } from '../../src/provider/provider.repository.js';
import { hubContext } from '../../src/request-context.js';
import { SigningKeyRepository } from '../../src/signing-key/signing-key.repository.js';
import { SigningKeys } from '../../src/signing-key/signing-keys.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { TokenRepository } from '../../src/token/token.repository.js';
import { UserEntity } from '../../src/user/user.entity.js';
import { DataKeyRing } from '../../src/vault/data-key-ring.js';
import { DataKeyRepository } from '../../src/vault/data-key.repository.js';
import { parseMasterKeys } from '../../src/vault/master-keys.js';
import { Vault } from '../../src/vault/vault.js';
import { aClientRow } from '../support/rows.js';

/** That of TestHub. */
const MASTER_KEYS = parseMasterKeys(Buffer.alloc(32, 7).toString('base64'));

const CLIENT_ID = 'caselle';
const LIFETIME_MS = 600_000;

export interface IssueOrder {
  format?: AccessTokenFormat;
  scopes?: readonly string[];
  resource?: readonly string[];
  /** Null: nobody. */
  userId?: string | null;
  /** Not by the user's consent: a client of its own acts as the user. */
  byItself?: boolean;
  lifetimeMs?: number;
  withRefreshToken?: boolean;
}

/** An access token, and the row of the token that it belongs to. */
export interface Issued {
  accessToken: string;
  refreshToken: string | null;
  tokenId: string;
}

/**
 * Issues access tokens as the token endpoint does. On SQLite a hub starts on the database after this has been closed, on
 * MariaDB also beside it.
 */
export class Issuing {
  private client: ClientEntity | undefined;

  private constructor(
    readonly database: Database,
    private readonly clock: DatabaseClock,
    private readonly unitOfWork: UnitOfWork,
    private readonly vault: Vault,
    private readonly keys: SigningKeys,
    private readonly publicUrl: string,
  ) {}

  static async open(url: string, publicUrl: string): Promise<Issuing> {
    const database = await Database.open(databaseUrl.parse(url));
    await new Migrator(database).migrate();
    const clock = await DatabaseClock.start(database);
    const unitOfWork = new UnitOfWork(database);
    const ring = await DataKeyRing.open(new DataKeyRepository(database), unitOfWork, clock, MASTER_KEYS);
    const vault = new Vault(ring, clock);
    const repository = new SigningKeyRepository(database);
    const keys = new SigningKeys(repository, unitOfWork, vault, clock, createLog('silent'));
    await keys.published();
    return new Issuing(database, clock, unitOfWork, vault, keys, publicUrl);
  }

  async close(): Promise<void> {
    this.clock.stop();
    await this.database.close();
  }

  async user(name: string, email: string | null): Promise<string> {
    const id = newId('user');
    const now = this.clock.now();
    const keys = { nameKey: name.toLowerCase(), emailKey: email, passwordHash: null, lastLoginAt: null };
    const row = { id, name, email, ...keys, kind: 'PERSON', roles: ['MEMBER'], enabled: true, version: 1 } as const;
    await this.unitOfWork.run(({ manager }) =>
      manager.insert(UserEntity, { ...row, roles: [...row.roles], createdAt: now, updatedAt: now }),
    );
    return id;
  }

  async issue(order: IssueOrder): Promise<Issued> {
    const { byItself = false, format, lifetimeMs = LIFETIME_MS, resource = [], scopes = [], userId = null } = order;
    const client = byItself ? await this.newClient('robot', userId) : await this.hubClient();
    const issuedAt = this.clock.now();
    const id = newId('token');
    const grantType = byItself || userId === null ? 'CLIENT_CREDENTIALS' : 'AUTHORIZATION_CODE';
    const row = issuedTokenRow({ id, name: id, client, userId, grantType, scopes, resource, now: issuedAt });
    await this.unitOfWork.run(({ manager }) => manager.insert(TokenEntity, row));
    const writer = this.jwts.writer({ client, subject: userId ?? client.clientId, resource, scopes });
    const { accessToken, refreshToken } = await this.parts().minter.mint(
      hubContext('test'),
      {
        ...{ tokenId: id, scopes: null, issuedAt, expiresAt: new Date(issuedAt.getTime() + lifetimeMs) },
        refresh: order.withRefreshToken ? { familyId: null, generation: 1 } : null,
        writeAccessToken: format === 'JWT' ? writer : null,
      },
      {},
    );
    return { accessToken, refreshToken, tokenId: id };
  }

  /** JWTs for the next refresh token. */
  async refresh(refreshToken: string): Promise<Pick<Issued, 'accessToken' | 'refreshToken'>> {
    const { id } = await this.database.manager.findOneByOrFail(ClientEntity, { clientId: CLIENT_ID });
    const rotation = new RefreshRotation(this.parts(), this.unitOfWork, this.vault, this.clock);
    const { minted } = await rotation.rotate(hubContext('test'), refreshToken, id, (facts) => (issuedAt) => ({
      scopes: null,
      expiresAt: new Date(issuedAt.getTime() + LIFETIME_MS),
      writeAccessToken: this.jwts.writer({ ...facts, ...facts.token, subject: facts.user?.id ?? CLIENT_ID }),
    }));
    return { accessToken: minted.accessToken, refreshToken: minted.refreshToken };
  }

  /** As another process of the hub: its keys as they are stored now. */
  async housekeeping(): Promise<void> {
    await this.keys.purge();
  }

  private get jwts(): JwtAccessTokens {
    return new JwtAccessTokens(this.keys, this.clock, this.publicUrl);
  }

  private get audit(): AuditRecorder {
    return new AuditRecorder(this.unitOfWork, this.clock);
  }

  private parts() {
    const values = new IssuedValueRepository(this.database);
    const minter = new IssuedValueMinter(this.unitOfWork, values, this.audit, this.clock);
    const thefts = new StolenFamilies(values, new TokenRepository(this.database), this.audit, this.clock);
    return { values, minter, thefts, lookup: new IssuedValueLookup(values, this.clock) };
  }

  private async hubClient(): Promise<ClientEntity> {
    return (this.client ??= await this.newClient(CLIENT_ID, null));
  }

  private async newClient(clientId: string, runAsId: string | null): Promise<ClientEntity> {
    const providers = new ProviderRepository(this.database);
    await new HubProvider(providers, this.unitOfWork, this.audit, this.clock, this.publicUrl).ensure();
    const { id } = await this.database.manager.findOneByOrFail(ProviderEntity, { kind: 'HUB' });
    const row = aClientRow(id, { clientId, runAsId });
    await this.unitOfWork.run(({ manager }) => manager.insert(ClientEntity, row));
    return this.database.manager.findOneByOrFail(ClientEntity, { id: row.id });
  }
}
