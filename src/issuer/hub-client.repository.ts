import type { ClientSecretEntity } from '../client/client-secret.entity.js';
import type { ClientEntity } from '../client/client.entity.js';
import type { Database } from '../database/database.js';
import { rawBoolean, rawInstant, rawJson } from '../database/raw-value.js';
import { marks } from '../database/update-each.js';

/** Of a client of the hub, what decides on what it may do, as one statement has read it. */
export interface HubClient extends Pick<
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
  | 'redirectUris'
  | 'trusted'
  | 'contactName'
  | 'contactEmail'
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
    c.enabled, c.redirectUris, c.trusted, c.contactName, c.contactEmail, p.enabled AS providerEnabled, u.enabled AS runAsEnabled,
    s.id AS secretId, s.value AS secretValue, s.expiresAt AS secretExpiresAt
  FROM client c
  JOIN provider p ON p.id = c.providerId
  LEFT JOIN user u ON u.id = c.runAsId
  LEFT JOIN client_secret s ON s.clientId = c.id`;

type Row = Record<string, unknown>;

/** Clients of the provider that is the hub itself. */
export class HubClientRepository {
  constructor(private readonly database: Database) {}

  /** @param clientId as the client calls itself */
  async find(clientId: string): Promise<HubClient | null> {
    const found = await this.findByClientIds([clientId]);
    // MySQL compares without regard to spaces at the end.
    return found.find((client) => client.clientId === clientId) ?? null;
  }

  async findByClientIds(clientIds: readonly string[]): Promise<HubClient[]> {
    const sql = `${SQL} WHERE p.kind = 'HUB' AND c.clientId IN (${marks(clientIds)})`;
    const rows = await this.database.manager.query<Row[]>(sql, [...clientIds]);
    const first = new Map(rows.map((row) => [row['id'], row]));
    return [...first.values()].map((row) =>
      clientOf(
        row,
        rows.filter(({ id, secretId }) => id === row['id'] && secretId !== null),
      ),
    );
  }
}

function clientOf(row: Row, secrets: readonly Row[]): HubClient {
  const { accessTokenFormat, clientId, id, name, providerId, publicKeys, runAsId, tokenLifetime } = row;
  const { contactEmail, contactName, tokenEndpointAuthMethod } = row;
  const asTheyAre = { accessTokenFormat, clientId, id, name, providerId, publicKeys, runAsId, tokenLifetime };
  return {
    ...({ ...asTheyAre, contactEmail, contactName, tokenEndpointAuthMethod } as HubClient),
    scopes: rawJson(row['scopes']),
    grantTypes: rawJson(row['grantTypes']),
    resource: rawJson(row['resource']),
    resourceServer: rawBoolean(row['resourceServer']),
    automaticAuthorization: rawBoolean(row['automaticAuthorization']),
    enabled: rawBoolean(row['enabled']),
    redirectUris: rawJson(row['redirectUris']),
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
