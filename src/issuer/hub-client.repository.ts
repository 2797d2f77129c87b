import { ClientEntity } from '../client/client.entity.js';
import type { Database } from '../database/database.js';
import { rawBoolean } from '../database/raw-value.js';
import { ProviderEntity } from '../provider/provider.entity.js';
import { UserEntity } from '../user/user.entity.js';

/** A client of the hub, with what else decides on what it may do. */
export interface HubClient extends ClientEntity {
  readonly isProviderEnabled: boolean;
  /** Whether the user is there and enabled as whom it acts by itself. */
  readonly isRunAsEnabled: boolean;
}

interface Raw {
  client_id: string;
  providerEnabled: unknown;
  runAsEnabled: unknown;
}

/** Clients of the provider that is the hub itself. */
export class HubClientRepository {
  /** @param hubKey key of that provider */
  constructor(
    private readonly database: Database,
    private readonly hubKey: string,
  ) {}

  async findByClientIds(clientIds: readonly string[]): Promise<HubClient[]> {
    const { entities, raw } = await this.database.manager
      .createQueryBuilder(ClientEntity, 'client')
      .innerJoin(ProviderEntity, 'provider', 'provider.id = client.providerId')
      .leftJoin(UserEntity, 'runAs', 'runAs.id = client.runAsId')
      .addSelect('provider.enabled', 'providerEnabled')
      .addSelect('runAs.enabled', 'runAsEnabled')
      .where("provider.key = :hubKey AND provider.kind = 'HUB'", { hubKey: this.hubKey })
      .andWhere('client.clientId IN (:...clientIds)', { clientIds })
      .getRawAndEntities<Raw>();
    const rawOf = new Map(raw.map((row) => [row.client_id, row]));
    return entities.map((client) =>
      Object.assign(client, {
        isProviderEnabled: rawBoolean(rawOf.get(client.id)?.providerEnabled),
        isRunAsEnabled: rawBoolean(rawOf.get(client.id)?.runAsEnabled),
      }),
    );
  }
}
