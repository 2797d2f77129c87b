import { randomBytes } from 'node:crypto';
import type { Clock } from '../database/clock.js';
import { newId } from '../ids.js';
import { nameKey } from '../name-key.js';
import type { GrantType } from '../provider/provider-enums.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import type { ClientReferences } from './client-references.js';
import { needsSecret } from './client-rules.js';
import type { ClientSecretMaker, GeneratedSecret } from './client-secret-maker.js';
import { ClientEntity } from './client.entity.js';
import type { CreateClientInput, UpdateClientInput } from './client.input.js';
import { checkHubClient, isRuled } from './hub-client-rules.js';
import { hubColumns, NO_HUB_SETTINGS } from './hub-client-settings.js';

/** Clients of the hub itself: third parties, and machines of one's own. */
export class HubClients {
  constructor(
    private readonly references: ClientReferences,
    private readonly secrets: ClientSecretMaker,
    private readonly clock: Clock,
  ) {}

  /**
   * One that is about to exist, with a client id and, where its method uses one, a secret that nobody had before.
   *
   * @throws UserError for settings that cannot work
   */
  async draft(
    hub: ProviderEntity,
    input: CreateClientInput,
  ): Promise<{ client: ClientEntity; secret: GeneratedSecret | undefined }> {
    const now = this.clock.now();
    const tokenEndpointAuthMethod = input.tokenEndpointAuthMethod ?? hub.tokenEndpointAuthMethod;
    const client = Object.assign(new ClientEntity(), {
      ...NO_HUB_SETTINGS,
      ...hubColumns(input),
      id: newId('client'),
      providerId: hub.id,
      defaultForProviderId: null,
      name: input.name.trim(),
      nameKey: nameKey(input.name),
      clientId: `hub_${randomBytes(16).toString('hex')}`,
      scopes: [...new Set(input.scopes ?? hub.defaultScopes)],
      grantTypes: [...new Set(input.grantTypes ?? defaultGrants(hub, input))],
      tokenEndpointAuthMethod,
      enabled: input.enabled ?? true,
      createdAt: now,
      updatedAt: now,
      version: 1,
    });
    checkHubClient(client, hub, input);
    await this.references.check(client);
    return { client, secret: needsSecret(tokenEndpointAuthMethod) ? this.secrets.generated(client.id) : undefined };
  }

  /** @throws UserError for changes with which the client could not work */
  async check(
    hub: ProviderEntity,
    client: ClientEntity,
    changes: Partial<ClientEntity>,
    input: UpdateClientInput,
  ): Promise<void> {
    if (isRuled(changes)) checkHubClient({ ...client, ...changes }, hub, input);
    await this.references.check(changes);
  }
}

/** All that the hub offers and the other settings allow. */
function defaultGrants(hub: ProviderEntity, input: CreateClientInput): GrantType[] {
  if (input.tokenEndpointAuthMethod === 'NONE') return ['AUTHORIZATION_CODE'];
  const hasRedirectUri = (input.redirectUris ?? []).length > 0;
  return hub.grantTypes.filter((grant) => hasRedirectUri || grant !== 'AUTHORIZATION_CODE');
}
