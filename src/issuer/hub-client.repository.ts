import { ClientEntity } from '../client/client.entity.js';
import type { Database } from '../database/database.js';
import { ProviderEntity } from '../provider/provider.entity.js';

/** A client of the hub itself, and whether the hub issues anything now. */
export interface HubClient {
  readonly client: ClientEntity;
  readonly isProviderEnabled: boolean;
}

export class HubClientRepository {
  constructor(private readonly database: Database) {}

  /** @param clientId as the client calls itself */
  async find(clientId: string): Promise<HubClient | null> {
    const found = (await this.database.manager
      .createQueryBuilder(ClientEntity, 'client')
      .innerJoinAndMapOne('client.provider', ProviderEntity, 'provider', 'provider.id = client.providerId')
      .where('client.clientId = :clientId AND provider.kind = :kind', { clientId, kind: 'HUB' })
      .getOne());
    // MySQL compares without regard to spaces at the end.
    if (!found?.provider || found.clientId !== clientId) return null;
    const { provider, ...client } = found;
    return { client: Object.assign(new ClientEntity(), client), isProviderEnabled: provider.enabled };
  }
}
