import { ClientEntity } from '../client/client.entity.js';
import type { Database } from '../database/database.js';
import { ProviderEntity } from '../provider/provider.entity.js';

/** A client of the hub as people are asked about it, and whether the hub issues anything now. */
export interface ConsentClient extends ClientEntity {
  readonly isProviderEnabled: boolean;
}

type Found = ClientEntity & { provider: ProviderEntity };

export class ConsentClientRepository {
  constructor(private readonly database: Database) {}

  /** @param clientId as the client calls itself */
  async find(clientId: string): Promise<ConsentClient | null> {
    const found = await (this.database.manager
      .createQueryBuilder(ClientEntity, 'client')
      .innerJoinAndMapOne('client.provider', ProviderEntity, 'provider', 'provider.id = client.providerId')
      .where('client.clientId = :clientId AND provider.kind = :kind', { clientId, kind: 'HUB' })
      .getOne() as Promise<Found | null>);
    // MySQL compares without regard to spaces at the end.
    if (found?.clientId !== clientId) return null;
    const { provider, ...client } = found;
    return { ...client, isProviderEnabled: provider.enabled };
  }
}
