import { newId } from '../../src/ids.js';
import { ClientEntity } from '../../src/client/client.entity.js';
import { nameKey } from '../../src/name-key.js';
import { DEFAULT_SETTINGS } from '../../src/provider/provider-settings.js';
import { ProviderEntity } from '../../src/provider/provider.entity.js';

let made = 0;

/** The row of a provider without parameters. */
export function aProviderRow(given: Partial<ProviderEntity> = {}): ProviderEntity {
  made += 1;
  const name = given.name ?? `Provider ${made}`;
  const now = new Date();
  return Object.assign(new ProviderEntity(), {
    ...DEFAULT_SETTINGS,
    authorizationParameters: null,
    tokenParameters: null,
    id: newId('provider'),
    key: `row-${made}`,
    name,
    nameKey: nameKey(name),
    kind: 'EXTERNAL' as const,
    catalogueKey: null,
    baseId: null,
    createdAt: now,
    updatedAt: now,
    version: 1,
    ...given,
  });
}

/** The row of a client without a secret. */
export function aClientRow(providerId: string, given: Partial<ClientEntity> = {}): ClientEntity {
  made += 1;
  const name = given.name ?? `Client ${made}`;
  const now = new Date();
  return Object.assign(new ClientEntity(), {
    id: newId('client'),
    providerId,
    defaultForProviderId: null,
    name,
    nameKey: nameKey(name),
    clientId: `client-${made}`,
    scopes: [],
    grantTypes: ['CLIENT_CREDENTIALS' as const],
    tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC' as const,
    enabled: true,
    createdAt: now,
    updatedAt: now,
    version: 1,
    ...given,
  });
}
