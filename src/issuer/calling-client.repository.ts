import type { ClientSecretEntity } from '../client/client-secret.entity.js';
import type { ClientEntity } from '../client/client.entity.js';
import type { Database } from '../database/database.js';
import { rawBoolean, rawInstant, rawJson } from '../database/raw-value.js';
import { marks } from '../database/update-each.js';

/** Of a client that calls the hub itself, what decides on what it may do, as one statement has read it. */
export interface CallingClient extends Pick<
  ClientEntity,
  | 'id'
  | 'providerId'
  | 'clientId'
  | 'name'
  | 'scopes'
  | 'grantTypes'
  | 'tokenEndpointAuthMethod'
  | 'publicKeys'
  | 'enabled'
  | 'trusted'
  | 'resourceServer'
  | 'resource'
  | 'runAsId'
  | 'automaticAuthorization'
  | 'tokenLifetime'
  | 'accessTokenFormat'
> {
  readonly isProviderEnabled: boolean;
  /** Whether the user is there and enabled as whom it acts by itself. */
  readonly isRunAsEnabled: boolean;
  /** Live or not. */
  readonly secrets: readonly Pick<ClientSecretEntity, 'id' | 'value' | 'expiresAt'>[];
}

/** Not through the entities: a client is looked up with each of its requests. */
const SQL = `
  SELECT c.id, c.providerId, c.clientId, c.name, c.scopes, c.grantTypes, c.tokenEndpointAuthMethod, c.publicKeys,
    c.resourceServer, c.resource, c.runAsId, c.automaticAuthorization, c.tokenLifetime, c.accessTokenFormat,
    c.enabled, c.trusted, p.enabled AS providerEnabled, u.enabled AS runAsEnabled,
    s.id AS secretId, s.value AS secretValue, s.expiresAt AS secretExpiresAt
  FROM client c
  JOIN provider p ON p.id = c.providerId
  LEFT JOIN user u ON u.id = c.runAsId
  LEFT JOIN client_secret s ON s.clientId = c.id`;

type Row = Record<string, unknown>;

/** Clients of the provider that is the hub itself. */
export class CallingClientRepository {
  /** @param hubKey key of that provider */
  constructor(
    private readonly database: Database,
    private readonly hubKey: string,
  ) {}

  async findByClientIds(clientIds: readonly string[]): Promise<CallingClient[]> {
    const sql = `${SQL} WHERE p.\`key\` = ? AND p.kind = 'HUB' AND c.clientId IN (${marks(clientIds)})`;
    const rows = await this.database.manager.query<Row[]>(sql, [this.hubKey, ...clientIds]);
    const first = new Map(rows.map((row) => [row['id'], row]));
    return [...first.values()].map((row) =>
      clientOf(
        row,
        rows.filter(({ id, secretId }) => id === row['id'] && secretId !== null),
      ),
    );
  }
}

function clientOf(row: Row, secrets: readonly Row[]): CallingClient {
  const { accessTokenFormat, clientId, id, name, providerId, publicKeys, runAsId, tokenLifetime } = row;
  const { tokenEndpointAuthMethod } = row;
  const asTheyAre = { accessTokenFormat, clientId, id, name, providerId, publicKeys, runAsId, tokenLifetime };
  return {
    ...({ ...asTheyAre, tokenEndpointAuthMethod } as CallingClient),
    scopes: rawJson(row['scopes']),
    grantTypes: rawJson(row['grantTypes']),
    resource: rawJson(row['resource']),
    resourceServer: rawBoolean(row['resourceServer']),
    automaticAuthorization: rawBoolean(row['automaticAuthorization']),
    enabled: rawBoolean(row['enabled']),
    trusted: rawBoolean(row['trusted']),
    isProviderEnabled: rawBoolean(row['providerEnabled']),
    isRunAsEnabled: rawBoolean(row['runAsEnabled']),
    secrets: secrets.map((secret) => ({
      id: secret['secretId'] as string,
      value: secret['secretValue'] as string,
      expiresAt: rawInstant(secret['secretExpiresAt']),
    })),
  };
}
